import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import { MIGRATION_LOCK } from '../../src/platform/database/migrations.js';
import { PostgresDatabase } from '../../src/platform/database/postgres.js';
import { startLogto, startService } from '../long/servers.mjs';
import { createPostgresDatabase } from './support/postgres.js';
import { TcpProxy } from './support/tcp-proxy.js';

const MAIN_FILE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** The time may end during the last attempt. */
const NOT_AVAILABLE =
  /^The database at DATABASE_URL was not available within 0\.3 s: (connect ECONNREFUSED 127\.0\.0\.1:\d+|timeout expired)$/;
const PASSWORD = 'a-secret-password';
const postgres = await createPostgresDatabase();

const withPassword = (url: string) => Object.assign(new URL(url), { password: PASSWORD }).href;
const open = (url: string, startTimeoutMs: number) =>
  PostgresDatabase.open(withPassword(url), { poolSize: 1, timeoutMs: 5_000, startTimeoutMs });
const failToOpen = (url: string, startTimeoutMs = 60_000) =>
  open(url, startTimeoutMs).then(
    () => Promise.reject(new Error('The database was opened.')),
    (error: Error) => error.message,
  );

let warnings: string[];
/** Resolves with the next warning. */
let nextWarning: () => Promise<string>;
beforeEach(() => {
  warnings = [];
  const listeners = new Set<(message: string) => void>();
  nextWarning = () => new Promise((resolve) => listeners.add(resolve));
  jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: string) => {
    warnings.push(message);
    for (const listener of listeners) listener(message);
    listeners.clear();
  });
});
afterEach(() => void jest.restoreAllMocks());

(postgres ? describe : describe.skip)('a start', () => {
  let proxy: TcpProxy | undefined;
  afterEach(async () => {
    await proxy?.reject();
    proxy = undefined;
  });
  afterAll(() => postgres!.drop());

  it('waits until PostgreSQL listens, and logs this once, without the password', async () => {
    proxy = await TcpProxy.start(postgres!.url);
    await proxy.reject();
    const warned = nextWarning();
    const opening = open(proxy.url, 60_000);
    expect(await warned).toMatch(/^Waiting for the database at DATABASE_URL, up to 60 s: connect ECONNREFUSED/);
    await proxy.accept();
    await (await opening).close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain(PASSWORD);
  }, 60_000);

  it('fails when PostgreSQL does not listen in time', async () => {
    proxy = await TcpProxy.start(postgres!.url);
    await proxy.reject();
    const message = await failToOpen(proxy.url, 300);
    expect(message).toMatch(NOT_AVAILABLE);
  });

  it('fails in time when PostgreSQL accepts connections but does not respond', async () => {
    proxy = await TcpProxy.start(postgres!.url);
    const release = proxy.stopForwarding();
    expect(await failToOpen(proxy.url, 300)).toMatch(/not available within 0\.3 s: timeout expired$/);
    release();
  });

  it('fails at once when the database does not exist', async () => {
    const url = Object.assign(new URL(postgres!.url), { pathname: '/no_such_database' }).href;
    expect(await failToOpen(url)).toBe(
      'The database at DATABASE_URL could not be used: database "no_such_database" does not exist',
    );
    expect(warnings).toEqual([]);
  });

  describe('while another session holds the migration lock', () => {
    let other: Client;
    let processId: number;
    beforeEach(async () => {
      other = new Client({ connectionString: postgres!.url, application_name: 'another start' });
      await other.connect();
      const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid, pg_advisory_lock($1)', [
        MIGRATION_LOCK,
      ]);
      processId = rows[0]!.pid;
    });
    afterEach(() => other.end());

    it('waits, and logs who holds it', async () => {
      const warned = nextWarning();
      const opening = open(postgres!.url, 60_000);
      expect(await warned).toBe(
        `Waiting for the migration lock, which is held by the session with process ID ${processId} (another start at 127.0.0.1).`,
      );
      await other.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await (await opening).close();
      expect(warnings).toHaveLength(1);
    }, 60_000);

    it('fails when the lock is not released in time', async () => {
      const message = await failToOpen(postgres!.url, 3_000);
      expect(message).toContain(`held by the session with process ID ${processId} (another start`);
    });
  });
});

/** Starts a server that rejects every PostgreSQL client with a SQLSTATE. */
const startRejectingServer = async (sqlState: string) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const fields = Buffer.from(`SFATAL\0C${sqlState}\0Mrejected by the test\0\0`);
      const header = Buffer.alloc(5, 'E');
      header.writeInt32BE(fields.length + 4, 1);
      socket.end(Buffer.concat([header, fields]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://someone@127.0.0.1:${port}/profile`, stop: () => server.close() };
};

describe('a server that rejects the connection', () => {
  it.each([
    ['a wrong password', '28P01'],
    ['a role that does not exist', '28000'],
    ['a database that does not exist', '3D000'],
  ])('makes the start fail at once because of %s', async (_reason, sqlState) => {
    const server = await startRejectingServer(sqlState);
    expect(await failToOpen(server.url)).toBe('The database at DATABASE_URL could not be used: rejected by the test');
    expect(warnings).toEqual([]);
    server.stop();
  });

  it.each([
    ['starts', '57P03'],
    ['has no free connection', '53300'],
  ])('makes the start wait while it %s', async (_reason, sqlState) => {
    const server = await startRejectingServer(sqlState);
    expect(await failToOpen(server.url, 300)).toMatch(
      /not available within 0\.3 s: (rejected by the test|timeout expired)$/,
    );
    expect(warnings).toHaveLength(1);
    server.stop();
  });
});

(existsSync(MAIN_FILE) ? describe : describe.skip)('the built service', () => {
  it('exits with 1 and a clear message when PostgreSQL does not become available', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const { port } = unused.address() as AddressInfo;
    unused.close();
    const child = spawn(process.execPath, [MAIN_FILE], {
      env: {
        PATH: process.env.PATH,
        LOG_LEVEL: 'error',
        DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:${port}/profile`,
        DATABASE_START_TIMEOUT_MS: '300',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors = text(child.stderr);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect((await errors).trim()).toMatch(NOT_AVAILABLE);
  }, 60_000);

  const emptyDatabase = postgres ? it : it.skip;
  emptyDatabase(
    'starts several replicas at the same time on an empty database',
    async () => {
      const database = (await createPostgresDatabase())!;
      const logto = await startLogto();
      const environment = { DATABASE_URL: database.url, DEV_LOGTO_PORT: new URL(logto.url).port, LOG_LEVEL: 'error' };
      // Each start rejects unless the replica becomes ready.
      const replicas = await Promise.all(Array.from({ length: 4 }, () => startService(environment)));
      expect(replicas.map(({ output }) => output)).toEqual(['', '', '', '']);
      await Promise.all([logto, ...replicas].map((server) => server.stop()));
      await database.drop();
    },
    120_000,
  );
});
