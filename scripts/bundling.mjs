import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Our own modules find files beside themselves: each goes on seeing its place below `places`, from a file in `home`. */
const keepPlaces = (compiled, places, home) => ({
  name: 'keep-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!path.startsWith(`${compiled}/`)) return undefined;
      const text = await readFile(path, 'utf8');
      const place = relative(home, resolve(places, relative(compiled, path)));
      const url = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', url), resolveDir: dirname(path) };
    }),
});

/**
 * Puts a module and all it imports into one file: finding and reading 2,000 small ones takes four times as long.
 * @param compiled the folder of what TypeScript has written: only that holds the metadata that Nest injects by
 * @param places the folder in which its modules are to see themselves, when it is another one
 * @param home where the file will lie in the end, when it is moved
 */
export const bundle = ({ entry, outfile, compiled, places = compiled, home = dirname(outfile), plugins = [] }) =>
  build({
    entryPoints: [entry],
    outfile,
    allowOverwrite: true,
    bundle: true,
    // What is imported on demand stays in the file: as files of their own, CommonJS packages would lose their named exports.
    splitting: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Nest injects by class, and names classes in its messages.
    keepNames: true,
    plugins: [keepPlaces(compiled, places, home), ...plugins],
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
