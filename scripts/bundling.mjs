import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Packages that find files next to their code: they are installed beside the bundle. */
export const UNBUNDLED = ['@electric-sql/pglite', 'fs-native-extensions', 'swagger-ui-dist'];

/** Optional packages of those in the bundle; none is installed for the service. */
const ABSENT = [
  'pg-native',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@nestjs/microservices',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  'class-transformer/storage',
];

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
export const bundle = async ({
  entry,
  outfile,
  compiled,
  places = compiled,
  home = dirname(outfile),
  plugins = [],
}) => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    outfile,
    write: false,
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
    external: [...UNBUNDLED, ...ABSENT],
    logLevel: 'error',
  });
  await mkdir(dirname(outfile), { recursive: true });
  for (const { path, text } of outputFiles) await writeFile(path, text);
};

const loader = (bundleName) => `import module from 'node:module';

// From Node 22.1 on, later starts reuse the compiled code. It applies to what is loaded later, hence two files.
module.enableCompileCache?.();
await import('./${bundleName}');
`;

/** Bundles an entry from `build/` to `dist/`, as `x.bundle.js` and an `x.js` that loads it. */
export const bundleEntry = async (name) => {
  const [compiled, places, home] = [resolve('build'), resolve('dist'), resolve('dist', dirname(name))];
  const bundleName = `${basename(name, '.js')}.bundle.js`;
  await bundle({ entry: join(compiled, name), outfile: join(home, bundleName), compiled, places });
  await writeFile(join(home, basename(name)), loader(bundleName));
};
