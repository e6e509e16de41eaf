import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};

/**
 * Starts a server in a process of its own and waits until `url + readyPath` answers, and not with a 5xx.
 * @returns {Promise<{ url: string, readyMs: number, child: import('node:child_process').ChildProcess, stop(): Promise<void> }>}
 */
export const start = async (module, env, readyPath, execArgv = []) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = fork(module, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // However this process ends: no server outlives its measurement.
  process.once('exit', () => child.kill('SIGKILL'));
  while (true) {
    if (child.exitCode !== null) throw new Error(`${module} ended with ${child.exitCode} before it was ready`);
    const answer = await fetch(url + readyPath).catch(() => undefined);
    if (answer) await answer.arrayBuffer();
    if (answer && answer.status < 500) break;
    if (performance.now() - started > 30_000) throw new Error(`${module} was not ready in 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    url,
    readyMs: performance.now() - started,
    child,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** Asks a child that preloaded probe.mjs; `reset` begins a new measurement. */
export const probe = async (server, question) => {
  server.child.send({ probe: question });
  while (true) {
    const [answer] = await once(server.child, 'message');
    if (answer?.probe === question) return answer.value;
  }
};
