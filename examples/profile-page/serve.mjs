// Serves the built page on loopback, for development and tests. In production any static host will do: put `dist/`
// there, its own `config.json` beside it, and respond to unknown paths with `index.html`.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const DIST = fileURLToPath(new URL('./dist', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

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
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return response.writeHead(405, { allow: 'GET, HEAD' }).end();
    if (pathname === '/config.json') {
      return response
        .writeHead(200, { ...headers, 'content-type': TYPES['.json'], 'cache-control': 'no-store' })
        .end(config);
    }
    const file = fileFor(pathname);
    if (!file) return response.writeHead(404, headers).end();
    // Names under assets/ hold a hash of what is in them.
    const cacheControl = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)], 'cache-control': cacheControl });
    return request.method === 'HEAD' ? response.end() : createReadStream(file).pipe(response);
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

/** The file of a path; `index.html` for the paths of the page's own sections. */
function fileFor(pathname) {
  let path;
  try {
    path = normalize(join(DIST, decodeURIComponent(pathname)));
  } catch {
    return undefined;
  }
  if (path !== DIST && !path.startsWith(DIST + sep)) return undefined;
  if (existsSync(path) && statSync(path).isFile()) return TYPES[extname(path)] && path;
  return extname(path) === '' ? join(DIST, 'index.html') : undefined;
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
