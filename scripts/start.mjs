// `npm start` installs, builds and starts the service, in development with the embedded Logto and the example page.
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './prepare.mjs';

process.chdir(root);
if (existsSync('.env')) process.loadEnvFile('.env');
const production = process.env.NODE_ENV === 'production';
const embedded = !production && !process.env.LOGTO_ENDPOINT;
const port = process.env.PORT || '3000';
const logtoPort = process.env.DEV_LOGTO_PORT || '3001';
const pagePort = process.env.PAGE_PORT || '5173';
const serveFile = join(root, 'examples/profile-page/serve.mjs');

const prepare = () => {
  // A production image may have neither sources nor build tools, so existing output is used.
  if (production && existsSync('dist/main.js')) return;
  ensureInstalled();
  ensureBuilt('service', ...(embedded ? ['dev-logto', 'page'] : []));
};

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopping = true));

/** Starts the embedded Logto in a process that ends together with this one, because their channel closes. */
const startDevLogto = () =>
  new Promise((resolve) => {
    const child = fork('dev-logto/dist/main.js', ['--port', logtoPort], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let ready = false;
    child.once('message', (message) => {
      ready = true;
      // Until it is ready, it keeps this process alive; afterwards, the service does.
      child.unref();
      child.channel.unref();
      resolve(message);
    });
    child.once('exit', () => {
      // Ctrl-C reaches both processes, and this one still has to finish its requests.
      if (stopping) return;
      // If it was not ready, it has printed the reason itself.
      if (ready) console.error('The development Logto has stopped.');
      process.exit(1);
    });
  });

const waitUntilReady = async (url) => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.error(`Not ready after 10 s: see ${url}/health/ready for what is missing.`);
};

const servePage = async (options) => {
  const page = await import(serveFile);
  return page.servePage({ ...options, port: Number(pagePort) }).catch((error) => {
    const reason =
      error.code === 'EADDRINUSE' ? `port ${pagePort} is taken: set PAGE_PORT to another one` : error.message;
    console.error(`The profile page is not served: ${reason}.`);
  });
};

prepare();
if (!embedded) {
  await import('../dist/main.js');
} else {
  process.env.CORS_ORIGINS ||= `http://localhost:${pagePort},http://127.0.0.1:${pagePort}`;
  // Concurrently, because the service does not call Logto until its database is open.
  const [{ endpoint }] = await Promise.all([startDevLogto(), import('../dist/main.js')]);
  const url = `http://localhost:${port}`;
  await waitUntilReady(url);
  const page = existsSync(serveFile) && (await servePage({ apiUrl: url, logtoEndpoint: endpoint }));
  const prefix = logtoPort === '3001' ? '' : `DEV_LOGTO_PORT=${logtoPort} `;
  console.log(`
Ready.${page ? `\n  profile page   ${page.url}` : ''}
  documentation  ${url}/docs
  mailbox        ${endpoint}/dev/mailbox
  users          ${endpoint}/dev/people
  sign in as     alice (password Str0ng-Passw0rd!x), or bob (username only)
  try            curl -s ${url}/v1/profile -H "Authorization: Bearer $(${prefix}npm run --silent dev:token -- alice)"
`);
}
