// Puts dist/main.js and all it imports into one file: finding and reading 2,000 small ones takes four times as long.
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const out = resolve('dist');

/** Our own modules find files beside themselves: each goes on seeing the place it was compiled to. */
const keepPlaces = {
  name: 'keep-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!path.startsWith(`${out}/`)) return undefined;
      const text = await readFile(path, 'utf8');
      const place = `new URL(${JSON.stringify(relative(out, path))}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', place), resolveDir: dirname(path) };
    }),
};

await build({
  entryPoints: [`${out}/main.js`],
  outfile: `${out}/main.js`,
  allowOverwrite: true,
  bundle: true,
  // What is imported on demand stays in the file: as files of their own, CommonJS packages would lose their named exports.
  splitting: false,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Nest injects by class, and names classes in its messages.
  keepNames: true,
  plugins: [keepPlaces],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  // Files beside the code, and what Nest takes when it happens to be installed.
  external: [
    '@electric-sql/pglite',
    'fs-native-extensions',
    'pg-native',
    '@nestjs/platform-express',
    '@nestjs/websockets',
    '@nestjs/microservices',
    '@fastify/multipart',
    '@fastify/static',
    '@fastify/view',
    'class-transformer/storage',
  ],
  logLevel: 'error',
});
