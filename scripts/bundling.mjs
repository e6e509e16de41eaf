import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Keeps `import.meta.url` of each module pointing to its folder below `places`, because modules read files next to them. */
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
 * Bundles a module and all its imports into one file, because loading 2,000 small ones takes four times as long.
 * @param compiled the output folder of TypeScript, which has the metadata that Nest's injection needs
 * @param places the folder that `import.meta.url` points to, if it is not `compiled`
 * @param home the final folder of the bundle, if the bundle is moved
 */
export const bundle = ({ entry, outfile, compiled, places = compiled, home = dirname(outfile), plugins = [] }) =>
  build({
    entryPoints: [entry],
    outfile,
    allowOverwrite: true,
    bundle: true,
    // Dynamic imports stay in the bundle, because CommonJS packages would lose their named exports in separate files.
    splitting: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Nest injects by class and uses class names in its messages.
    keepNames: true,
    plugins: [keepPlaces(compiled, places, home), ...plugins],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    // Packages that read files next to their code, and optional packages of Nest.
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
