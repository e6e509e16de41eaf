import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface FixtureApp {
  /** Origin of the application, which differs from the provider's. */
  origin: string;
  close(): Promise<void>;
}

/** Bundles a page of `test/fixtures` and serves it at every path. */
export const serveFixture = async (name: string, settings: object): Promise<FixtureApp> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"></head><body>
<script type="application/json" id="settings">${JSON.stringify(settings)}</script>
<div id="app">${['sign-in', 'sign-in-again', 'read', 'sign-out'].map((id) => `<button id="${id}">${id}</button>`).join('')}<pre id="state"></pre></div>
<script type="module">${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script></body></html>`;
  return servePage(page);
};

/** Serves a page at every path. */
export const servePage = async (page: string): Promise<FixtureApp> => {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
