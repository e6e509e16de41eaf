import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDevLogto } from '../src/index.js';
import { ALICE, Backend } from './backend.js';

const mainFile = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const scriptsFolder = fileURLToPath(new URL('../../scripts/', import.meta.url));
const run = promisify(execFile);

const seed = `
users:
  - username: carol
    password: Kx7!vQ2#mZp9
    primaryEmail: carol@example.com
applications:
  - { id: my-backend, type: MachineToMachine, secret: s3cret, roles: [management-api] }
resources:
  - { name: My API, indicator: https://my.example/api, scopes: [read] }
`;

describe('the dev-logto command', () => {
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill());

  const start = async (...args: string[]): Promise<string> => {
    child = fork(mainFile, ['--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
    return endpoint;
  };

  it('serves a YAML seed on loopback and exits when its parent process disconnects', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dev-logto-'));
    await writeFile(join(folder, 'seed.yaml'), seed);
    const endpoint = await start('--seed', join(folder, 'seed.yaml'));
    expect(new URL(endpoint).hostname).toBe('127.0.0.1');
    const response = await fetch(`${endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('my-backend:s3cret').toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://default.logto.app/api',
        scope: 'all',
      }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const users = await fetch(`${endpoint}/api/users`, { headers: { authorization: `Bearer ${token}` } });
    expect(await users.json()).toMatchObject([{ username: 'carol', hasPassword: true }]);
    child!.disconnect();
    expect(await once(child!, 'exit')).toEqual([0, null]);
    await rm(folder, { recursive: true });
  });

  it('provides the scripts with tokens and codes, or with a one-line error', async () => {
    const endpoint = await start();
    const env = { ...process.env, DEV_LOGTO_PORT: new URL(endpoint).port };
    const token = await run(process.execPath, [`${scriptsFolder}dev-token.mjs`, 'bob'], { env });
    expect(token.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const opaque = await run(process.execPath, [`${scriptsFolder}dev-token.mjs`, 'bob', '--kind', 'opaque'], { env });
    expect(opaque.stdout).toMatch(/^[\w-]+\n$/);
    await expect(run(process.execPath, [`${scriptsFolder}dev-token.mjs`, 'nobody'], { env })).rejects.toMatchObject({
      code: 1,
      stderr: 'No such user: nobody\n',
    });
    await expect(
      run(process.execPath, [`${scriptsFolder}dev-code.mjs`, 'x@example.com'], { env }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: 'No code was sent to that address.\n',
    });
  });

  it('issues a token to logto-token.mjs by token exchange, as a real Logto does', async () => {
    const exchangeApplication = { id: 'e2e', secret: 'e2e-secret', redirectUris: ['http://localhost/callback'] };
    const backend = await Backend.start({
      seed: {
        applications: [
          { id: 'backend', type: 'MachineToMachine', secret: 's3cret', roles: ['management-api'] },
          { ...exchangeApplication, type: 'Traditional', customClientMetadata: { allowTokenExchange: true } },
        ],
      },
    });
    const env = {
      ...process.env,
      LOGTO_ENDPOINT: backend.logto.endpoint,
      LOGTO_M2M_APP_ID: 'backend',
      LOGTO_M2M_APP_SECRET: 's3cret',
      E2E_CLIENT_ID: exchangeApplication.id,
      E2E_CLIENT_SECRET: exchangeApplication.secret,
      API_RESOURCE: 'https://profile.example/api',
    };
    const { stdout } = await run(process.execPath, [`${scriptsFolder}logto-token.mjs`, 'alice'], { env });
    const claims: unknown = JSON.parse(Buffer.from(stdout.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ sub: ALICE, client_id: 'e2e', aud: 'https://profile.example/api', scope: '' });
    await backend.stop();
  });

  it('lists every invalid value of a seed file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dev-logto-'));
    const file = join(folder, 'seed.yaml');
    await writeFile(file, 'users: [{ primaryPhone: 4915112345678 }]\napps: []\n');
    await expect(startDevLogto({ port: 0, seed: file })).rejects.toThrow(/users\.0\.primaryPhone: .*\n.*apps/s);
    await writeFile(file, 'applications: [{ id: a, type: SPA, roles: [nope] }]\n');
    await expect(startDevLogto({ port: 0, seed: file })).rejects.toThrow('unknown role: nope');
    await rm(folder, { recursive: true });
  });

  it('exits with 1 in production or if the port is invalid', async () => {
    const env = { ...process.env, NODE_ENV: 'production' };
    await expect(run(process.execPath, [mainFile], { env })).rejects.toMatchObject({ code: 1 });
    await expect(run(process.execPath, [mainFile, '--port', 'x'])).rejects.toMatchObject({ code: 1 });
  });
});

describe('the state file', () => {
  it('persists users and keys between runs, readable only by its owner', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dev-logto-'));
    const stateFile = join(folder, 'state.json');
    const first = await Backend.start({ stateFile });
    await first.call('PATCH', `/users/${ALICE}`, { name: 'Kept' });
    const token = await first.logto.issueToken('alice');
    await first.stop();
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toHaveProperty('users');

    const second = await Backend.start({ stateFile, seed: { users: [] } });
    expect((await second.call('GET', `/users/${ALICE}`)).body['name']).toBe('Kept');
    const jwks = (await (await fetch(`${second.logto.endpoint}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string };
    expect(jwks.keys.map((key) => key.kid)).toEqual([kid]);
    await second.stop();
    await rm(folder, { recursive: true });
  });
});

describe('startDevLogto', () => {
  it('rejects in production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    await expect(startDevLogto({ port: 0 })).rejects.toThrow('development');
    process.env['NODE_ENV'] = before;
  });
});
