# syntax=docker/dockerfile:1.7-labs
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# npm wants to see the workspaces that the lock file names, but installs none of them: they stay out of the image.
COPY --parents dev-logto/package.json client/package.json examples/profile-page/package.json bench/baseline/package.json ./
RUN npm ci --workspaces=false
COPY tsconfig.json profile-fields.yaml openapi.yaml ./
COPY scripts scripts
COPY src src
RUN npm run build -- service

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY --parents dev-logto/package.json client/package.json examples/profile-page/package.json bench/baseline/package.json ./
RUN npm ci --omit=dev --workspaces=false && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json profile-fields.yaml openapi.yaml ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
