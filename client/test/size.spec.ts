import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

describe('the client bundle', () => {
  it('is smaller than 5 kB (gzip), including its dependency', async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
      bundle: true, minify: true, format: 'esm', target: 'es2022', write: false,
    }); // prettier-ignore
    const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
    console.info(`client: ${size} bytes gzip`);
    expect(size).toBeLessThan(5_000);
  });

  it('imports nothing but openapi-fetch', async () => {
    const { metafile } = await build({
      entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
      bundle: true, format: 'esm', packages: 'external', write: false, metafile: true,
    }); // prettier-ignore
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports).toEqual(['openapi-fetch']);
  });
});
