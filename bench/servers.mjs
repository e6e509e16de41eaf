import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const POLL_MS = 3;
const STOP_MS = 15_000;

const undo = [];

/** Registers an action to run when the benchmark ends, whether it succeeds or fails. */
export const atEnd = (action) => undo.push(action);

/** Runs the registered actions, the latest first; a failed one does not prevent the others. */
export const cleanUp = async () => {
  for (const action of undo.splice(0).reverse()) await action().catch((error) => console.error(error));
};

let interrupt;

/** Rejects when a server exits unexpectedly or the benchmark receives SIGINT or SIGTERM. */
export const broken = new Promise((_, reject) => (interrupt = reject));
broken.catch(() => undefined); // no unhandled rejection while nothing awaits it
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt(new Error(`stopped by ${signal}`)));

const children = new Set();
// No server outlives this process.
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};

/**
 * Starts a server in its own process and waits until `url + readyPath` responds with a status below 500. It is stopped at
 * the end of the run at the latest; an earlier exit fails the run.
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
  children.add(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let stopping = false;
  child.once('exit', (code, signal) => {
    children.delete(child);
    if (!stopping) interrupt(new Error(`${module} exited early with ${signal ?? `code ${code}`}`));
  });
  const stop = async () => {
    stopping = true;
    if (hasEnded()) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  atEnd(stop);

  while (true) {
    if (hasEnded()) throw new Error(`${module} exited before it was ready`);
    const response = await fetch(url + readyPath, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (response) await response.arrayBuffer();
    if (response && response.status < 500) break;
    if (performance.now() - started > 30_000) throw new Error(`${module} was not ready in 30 s`);
    await sleep(POLL_MS);
  }
  return { url, readyMs: performance.now() - started, child, stop };
};

/** Runs a probe in a child that preloaded probe.mjs. */
export const probe = async ({ child }, name) => {
  child.send({ probe: name }, () => undefined); // `broken` reports a dead child
  while (true) {
    const [message] = await once(child, 'message');
    if (message?.probe === name) return message.value;
  }
};
