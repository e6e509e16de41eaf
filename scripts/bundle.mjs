// Puts the programs in dist/ and all they import into a few files: loading 2,000 small ones takes four times as long.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const out = resolve('dist');
const commands = readdirSync(`${out}/commands`).filter((name) => name.endsWith('.js'));

/** Our own modules find files beside themselves: each goes on seeing the place it was compiled to. */
const keepPlaces = {
  name: 'keep-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!path.startsWith(`${out}/`)) return undefined;
      const text = await readFile(path, 'utf8');
      const place = `placeOf(${JSON.stringify(relative(out, path))})`;
      return { contents: text.replaceAll('import.meta.url', place), resolveDir: dirname(path) };
    }),
};

const banner = `
import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);
const placeOf = (path) => new URL(path, import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6)).href;`;

await build({
  entryPoints: ['main.js', 'create-app.js', 'openapi/generate.js', ...commands.map((name) => `commands/${name}`)].map(
    (path) => `${out}/${path}`,
  ),
  outbase: out,
  outdir: out,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Nest injects by class, and names classes in its messages.
  keepNames: true,
  plugins: [keepPlaces],
  banner: { js: banner },
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
