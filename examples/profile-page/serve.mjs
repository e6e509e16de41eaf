// Serves the built page on loopback, for development and tests. In production any static host will do: put `dist/`
// there, its own `config.json` beside it, and respond to unknown paths with `index.html`.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sirv from 'sirv';

const DIST = fileURLToPath(new URL('./dist', import.meta.url));

const serveFile = sirv(DIST, {
  dev: true, // reads the folder at each request, so that a new build needs no restart
  etag: true,
  single: true, // `index.html` for the paths of the page's own sections
  setHeaders(response, path) {
    // Names under assets/ contain a hash of the content.
    if (path.startsWith('/assets/')) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  },
});

/**
 * @param {object} options
 * @param {number} [options.port] 5173 unless given; 0 takes any free port
 * @param {string} options.apiUrl the profile service, without `/v1`
 * @param {string} options.logtoEndpoint
 * @param {string} [options.appId]
 * @param {string} [options.resource] the API resource that access tokens are asked for
 * @returns {Promise<{ url: string, stop(): Promise<void> }>} once it listens, on 127.0.0.1 only
 */
export async function servePage({
  port = 5173,
  apiUrl,
  logtoEndpoint,
  appId = 'profile-page',
  resource = 'https://profile.example/api',
}) {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error('The page is not built: npm run build -- page');
  const config = JSON.stringify({ apiUrl, logtoEndpoint, appId, resource });
  const headers = {
    'content-security-policy': [
      "default-src 'self'",
      `connect-src 'self' ${new URL(apiUrl).origin} ${new URL(logtoEndpoint).origin}`,
      "img-src 'self' https: http: data:",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };

  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return response.writeHead(405, { allow: 'GET, HEAD' }).end();
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.url.split('?')[0] === '/config.json') {
      return response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(config);
    }
    return serveFile(request, response, () => response.writeHead(404).end());
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { PAGE_PORT, API_URL, LOGTO_ENDPOINT, SPA_APP_ID, API_RESOURCE } = process.env;
  const { url } = await servePage({
    ...(PAGE_PORT && { port: Number(PAGE_PORT) }),
    apiUrl: API_URL ?? 'http://localhost:3000',
    logtoEndpoint: LOGTO_ENDPOINT ?? 'http://localhost:3001',
    ...(SPA_APP_ID && { appId: SPA_APP_ID }),
    ...(API_RESOURCE && { resource: API_RESOURCE }),
  });
  console.log(`The profile page is at ${url}`);
}
