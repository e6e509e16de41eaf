import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

/** Packages that find files next to their code, or are large and rarely loaded: they are installed beside the bundle. */
export const UNBUNDLED = ['@electric-sql/pglite', 'fs-native-extensions', 'recheck', 'swagger-ui-dist'];

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

/** Numbers the entries of a list in the order in which they are used. */
const createIndex = (all) => {
  const numbers = new Map();
  return {
    used: () => [...numbers.keys()].map((from) => all[from]),
    numberOf: (from) => numbers.get(from) ?? numbers.set(from, numbers.size).get(from),
  };
};

/**
 * Removes packages from a source map. Node reads the map at each start and decodes it at the first stack trace; with
 * packages it is 18 times as large, and decoding it blocks requests for 0.3 s.
 */
const withoutPackages = ({ version, sources, names, mappings }) => {
  const [sourceIndex, nameIndex] = [createIndex(sources), createIndex(names)];
  let inPackage = false;
  const kept = decode(mappings).map((line) =>
    line.flatMap(([column, source, sourceLine, sourceColumn, name]) => {
      const wasInPackage = inPackage;
      inPackage = source === undefined || sources[source].includes('node_modules/');
      // The first segment of a package ends the mapping before it, which would otherwise apply to the package too.
      if (inPackage) return wasInPackage ? [] : [[column]];
      const segment = [column, sourceIndex.numberOf(source), sourceLine, sourceColumn];
      return [name === undefined ? segment : [...segment, nameIndex.numberOf(name)]];
    }),
  );
  return { version, sources: sourceIndex.used(), names: nameIndex.used(), mappings: encode(kept) };
};

/**
 * Bundles a module and all its imports into one file, because loading 2,000 small ones takes four times as long. Writes
 * its source map beside it.
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
    sourcemap: 'linked',
    sourcesContent: false,
    // Dynamic imports stay in the bundle, because CommonJS packages would lose their named exports in separate files.
    splitting: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Nest injects by class and uses class names in its messages.
    keepNames: true,
    // A third less to load. Lines stay short, because Node prints the line that threw an uncaught error.
    minifyWhitespace: true,
    lineLimit: 200,
    plugins: [keepPlaces(compiled, places, home), ...plugins],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    external: [...UNBUNDLED, ...ABSENT],
    logLevel: 'error',
  });
  await mkdir(dirname(outfile), { recursive: true });
  for (const { path, text } of outputFiles) {
    await writeFile(path, path.endsWith('.map') ? JSON.stringify(withoutPackages(JSON.parse(text))) : text);
  }
};

const loader = (bundleName) => `import module from 'node:module';

// Both take effect only for modules that are loaded later, so the service is in a file of its own.
// Stack traces name lines of src/.
process.setSourceMapsEnabled(true);
// From Node 22.1 on, later starts reuse the compiled code.
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
