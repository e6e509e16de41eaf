// `npm run generators:check` generates code from openapi.yaml with the usual generators, and compiles it with `usage.ts`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled, root, run, TSC } from '../../scripts/prepare.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const output = join(folder, 'generated');
const input = join(root, 'openapi.yaml');

ensureInstalled();
run('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
rmSync(output, { recursive: true, force: true });
mkdirSync(output);

// Each with its defaults, as its documentation says to start.
const generators = {
  'openapi-typescript and openapi-fetch': async () => {
    const { default: generate, astToString } = await import('openapi-typescript');
    writeFileSync(join(output, 'openapi-typescript.ts'), astToString(await generate(pathToFileURL(input))));
  },
  '@hey-api/openapi-ts': async () => {
    const { createClient } = await import('@hey-api/openapi-ts');
    await createClient({ input, output: join(output, 'hey-api'), logs: { level: 'silent' } });
  },
  orval: async () => {
    const { generate } = await import('orval');
    await generate({ input, output: { target: join(output, 'orval.ts'), client: 'fetch' } }, folder);
  },
  'swagger-typescript-api': async () => {
    const { generateApi } = await import('swagger-typescript-api');
    await generateApi({ input, output, fileName: 'swagger-typescript-api.ts', silent: true });
  },
};
for (const [name, generate] of Object.entries(generators)) {
  await generate();
  console.log(`${name}: generated`);
}
run(process.execPath, [TSC, '-p', folder]);
console.log('All generated code compiles.');
