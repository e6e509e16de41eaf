FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# npm needs the workspaces that the lock file names; .dockerignore leaves only their package.json.
COPY dev-logto dev-logto
COPY client client
COPY examples examples
COPY bench bench
RUN npm ci --workspaces=false
COPY . .
RUN node scripts/image.mjs /image

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /image .
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=75s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
