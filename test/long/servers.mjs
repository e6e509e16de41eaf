// Starts PostgreSQL, Redis, the development Logto and the service, each on a free port.
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../../scripts/prepare.mjs';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';
const START_MS = 60_000;

/** How much of a server's output is kept for the report of a failure. */
const KEPT_OUTPUT = 20_000;

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/** Waits for a condition. @throws Error after `ms` */
export const until = async (what, condition, ms = START_MS) => {
  const giveUpAt = performance.now() + ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${ms / 1000} s`);
    await delay(10);
  }
};

/** The folder of PostgreSQL's programs; undefined if it is not installed. */
export const postgresPrograms = () => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...process.env.PATH.split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
};

/** Whether `redis-server` is installed. */
export const hasRedis = () => process.env.PATH.split(':').some((folder) => existsSync(join(folder, 'redis-server')));

/** Starts a PostgreSQL with a new cluster, which `stop` removes. */
export const startPostgres = async () => {
  const programs = postgresPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // PostgreSQL does not run as root.
  const asRoot = process.getuid() === 0;
  if (asRoot) {
    const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'postgres'])));
    chownSync(folder, uid, gid);
  }
  const program = (name, ...args) => {
    const command = [join(programs, name), ...args];
    const [file, ...rest] = asRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    return run(file, rest, { cwd: folder });
  };
  const data = join(folder, 'data');
  const port = await freePort();
  const ctl = (...args) => program('pg_ctl', '-D', data, '-s', '-w', ...args);
  await program('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-N');
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
  const start = () => ctl('-l', join(folder, 'log'), '-o', options, 'start');
  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** @param mode `fast` or `immediate`, as of `pg_ctl stop` */
    async restart(mode) {
      await ctl('-m', mode, 'stop');
      await start();
    },
    async stop() {
      await ctl('-m', 'immediate', 'stop').catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Starts a Redis that keeps nothing on disk. */
export const startRedis = async () => {
  const port = await freePort();
  let child;
  const start = async () => {
    const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    await until('Redis accepts connections', async () => {
      const socket = createConnection({ host: '127.0.0.1', port });
      const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error')]).catch(
        () => false,
      );
      socket.destroy();
      return open === true;
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await kill();
      await start();
    },
    stop: kill,
  };
};

/** Starts the built service or development Logto in its own process, and records its exit and its output. */
const startBuilt = async (module, args, env) => {
  const child = fork(join(root, module), args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const server = { child, output: '', exited: false, stopping: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (server.output = (server.output + text).slice(-KEPT_OUTPUT)));
  }
  const gone = once(child, 'exit').then(() => (server.exited = true));
  return Object.assign(server, {
    async stop() {
      server.stopping = true;
      if (!server.exited) child.kill('SIGKILL');
      await gone;
    },
  });
};

/** Starts the development Logto. */
export const startLogto = async () => {
  const logto = await startBuilt('dev-logto/dist/main.js', ['--port', '0'], {});
  const [{ endpoint }] = await once(logto.child, 'message');
  return Object.assign(logto, { url: endpoint });
};

/** Starts a replica of the service on any free port. */
export const startService = async (env) => {
  const port = await freePort();
  const service = await startBuilt('dist/main.js', [], { PORT: String(port), ...env });
  const url = `http://127.0.0.1:${port}`;
  await until('The service is ready', async () => {
    if (service.exited) throw new Error(`The service did not start:\n${service.output}`);
    return (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok;
  });
  return Object.assign(service, { url });
};
