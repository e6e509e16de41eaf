// Starts PostgreSQL, Redis, the development Logto and the service, each on a free port.
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../../scripts/prepare.mjs';

const run = promisify(execFile);
/** Where Debian installs the programs of PostgreSQL. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const START_TIMEOUT_MS = 60_000;

/** How many characters of a server's output to keep for the report of a failure. */
const MAX_OUTPUT_LENGTH = 20_000;

/** Finds a port on which no server listens. */
export const findFreePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/**
 * Waits until a condition returns a truthy value, and returns that value.
 * @param description the expected event, for the error message
 * @throws Error after `timeoutMs`
 */
export const waitUntil = async (description, condition, timeoutMs = START_TIMEOUT_MS) => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > deadline) throw new Error(`${description}: not within ${timeoutMs / 1000} s`);
    await delay(10);
  }
};

/** Finds the folder of PostgreSQL's programs. @returns undefined if PostgreSQL is not installed */
export const findPostgresPrograms = () => {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin')), ...process.env.PATH.split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
};

/** Whether `redis-server` is installed. */
export const hasRedis = () => process.env.PATH.split(':').some((folder) => existsSync(join(folder, 'redis-server')));

/** Whether this process may create a mount namespace with a file system of its own. */
export const canMount = () =>
  process.getuid() === 0 && existsSync('/usr/bin/unshare') && existsSync('/usr/bin/nsenter');

/**
 * Mounts a tmpfs on a folder, visible only to processes that are started with the returned prefix.
 * @returns the first words of their commands, and a function that ends the namespace
 */
const mountPrivately = async (folder, { mebibytes, uid, gid }) => {
  const mount = `mount -t tmpfs -o size=${mebibytes}m,mode=700,uid=${uid},gid=${gid} tmpfs "$1" && echo mounted && exec sleep infinity`;
  const holder = spawn('unshare', ['-m', '--', 'sh', '-c', mount, 'sh', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit').then(([code]) => {
    throw new Error(`The file system could not be mounted (exit code ${code}).`);
  });
  await Promise.race([once(holder.stdout, 'data'), exited]);
  exited.catch(() => undefined);
  return { prefix: ['nsenter', '-t', String(holder.pid), '-m', '--'], end: () => holder.kill('SIGKILL') };
};

/**
 * Starts PostgreSQL with a new database cluster. `stop` removes it.
 * @param options.mebibytes the size of a disk of its own, which only a process that {@link canMount} can create
 */
export const startPostgres = async ({ mebibytes } = {}) => {
  const programs = findPostgresPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  // PostgreSQL does not run as root.
  const isRoot = process.getuid() === 0;
  const [uid, gid] = isRoot ? ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'postgres']))) : [];
  if (isRoot) chownSync(folder, uid, gid);
  const data = join(folder, 'data');
  mkdirSync(data);
  if (isRoot) chownSync(data, uid, gid);
  const disk = mebibytes ? await mountPrivately(data, { mebibytes, uid, gid }) : { prefix: [], end: () => undefined };
  const runAsPostgres = (...command) => {
    const [file, ...rest] = [...disk.prefix, ...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []), ...command];
    return run(file, rest, { cwd: folder });
  };
  const runProgram = (name, ...args) => runAsPostgres(join(programs, name), ...args);
  // A file system of its own may not be the folder of the cluster itself.
  const cluster = join(data, 'cluster');
  const filler = join(data, 'filler');
  const port = await findFreePort();
  const pgCtl = (...args) => runProgram('pg_ctl', '-D', cluster, '-s', '-w', ...args);
  await runProgram('initdb', '-D', cluster, '-U', 'postgres', '-A', 'trust', '-N');
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
  const start = () => pgCtl('-l', join(folder, 'log'), '-o', options, 'start');
  await start();

  /** The server and the processes that it has started. */
  const findProcesses = async () => {
    const { stdout } = await runAsPostgres('head', '-n', '1', join(cluster, 'postmaster.pid'));
    const children = await run('pgrep', ['-P', stdout.trim()]);
    return [stdout.trim(), ...children.stdout.trim().split('\n')].map(Number);
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** Restarts PostgreSQL. @param mode the mode of `pg_ctl stop`: `fast` or `immediate` */
    async restart(mode) {
      await pgCtl('-m', mode, 'stop');
      await start();
    },
    /** Stops all processes with SIGSTOP. @returns a function that continues them */
    async pause() {
      const processes = await findProcesses();
      for (const pid of processes) process.kill(pid, 'SIGSTOP');
      return () => processes.forEach((pid) => process.kill(pid, 'SIGCONT'));
    },
    /** Fills the disk. @returns a function that frees it, and starts PostgreSQL if it has ended */
    async fillDisk() {
      // Ends with an error when the disk is full.
      await runAsPostgres('dd', 'if=/dev/zero', `of=${filler}`, 'bs=4k').catch(() => undefined);
      return async () => {
        await runAsPostgres('rm', filler);
        await pgCtl('status').catch(start);
      };
    },
    async stop() {
      await pgCtl('-m', 'immediate', 'stop').catch(() => undefined);
      disk.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Starts Redis without persistence. */
export const startRedis = async () => {
  const port = await findFreePort();
  let child;
  const start = async () => {
    const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    await waitUntil('Redis accepts connections', async () => {
      const socket = createConnection({ host: '127.0.0.1', port });
      const isOpen = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error')]).catch(
        () => false,
      );
      socket.destroy();
      return isOpen === true;
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
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

/** Finds HAProxy, which Debian installs in a folder that is in `PATH` only for root. @returns undefined if it is not installed */
export const findHaproxy = () =>
  [...process.env.PATH.split(':'), '/usr/sbin']
    .map((folder) => join(folder, 'haproxy'))
    .find((file) => existsSync(file));

/**
 * Starts HAProxy in front of replicas. It probes their readiness, keeps connections open on both sides, and never repeats a request, so
 * that a client sees every failure.
 */
export const startHaproxy = async (ports) => {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
  const [port, socket, file] = [await findFreePort(), join(folder, 'stats'), join(folder, 'haproxy.cfg')];
  writeFileSync(
    file,
    `
global
  stats socket ${socket}
defaults
  mode http
  retries 0
  option http-keep-alive
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend clients
  bind 127.0.0.1:${port}
  default_backend replicas
backend replicas
  balance roundrobin
  http-reuse always
  option httpchk
  http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host localhost
  http-check expect status 200
  default-server check inter 1s fall 2 rise 2
${ports.map((each) => `  server ${each} 127.0.0.1:${each}`).join('\n')}
`,
  );
  const child = spawn(findHaproxy(), ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  const readStatistics = async () => {
    const connection = createConnection(socket);
    connection.end('show stat\n');
    return text(connection);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** Whether requests are sent to the replica at a port. */
    async isUp(replicaPort) {
      if (child.exitCode !== null) throw new Error(`HAProxy has exited:\n${await errors}`);
      const statistics = await readStatistics().catch(() => '');
      return new RegExp(`^replicas,${replicaPort},.*,UP,`, 'm').test(statistics);
    },
    async stop() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Starts the built service or development Logto in a new process, and records its exit and its output. */
const startBuiltModule = async (module, args, env) => {
  const child = fork(join(root, module), args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const server = { child, output: '', exited: false, stopping: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => (server.output = (server.output + text).slice(-MAX_OUTPUT_LENGTH)));
  }
  const exited = once(child, 'exit').then(() => (server.exited = true));
  return Object.assign(server, {
    async stop() {
      server.stopping = true;
      if (!server.exited) child.kill('SIGKILL');
      await exited;
    },
  });
};

/** Starts the development Logto. */
export const startLogto = async () => {
  const logto = await startBuiltModule('dev-logto/dist/main.js', ['--port', '0'], {});
  const [{ endpoint }] = await once(logto.child, 'message');
  return Object.assign(logto, { url: endpoint });
};

/** Starts a replica of the service, on any free port unless `PORT` is set. */
export const startService = async (env) => {
  const port = env.PORT ?? (await findFreePort());
  const service = await startBuiltModule('dist/main.js', [], { PORT: String(port), ...env });
  const url = `http://127.0.0.1:${port}`;
  let health;
  const isReady = async () => {
    if (service.exited) throw new Error(`The service did not start:\n${service.output}`);
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    health = await response?.text().catch(() => undefined);
    return response?.ok;
  };
  await waitUntil('The service is ready', isReady).catch((error) => {
    throw new Error(`${error.message}: ${health}\n${service.output}`);
  });
  return Object.assign(service, { url });
};
