import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const POLL_MS = 3;
const STOP_MS = 15_000;

const undo = [];

/** Remembers what has to be undone when the run ends, however it ends. */
export const atEnd = (action) => undo.push(action);

/** Undoes it, the latest first; what fails does not keep the rest from it. */
export const cleanUp = async () => {
  for (const action of undo.splice(0).reverse()) await action().catch((error) => console.error(error));
};

let breakOff;

/** Rejects when a server ends that was not stopped, and when the run itself is told to end. */
export const broken = new Promise((_, reject) => (breakOff = reject));
broken.catch(() => undefined); // it may break while nobody listens
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => breakOff(new Error(`ended by ${signal}`)));

const children = new Set();
// However this process ends: no server outlives its measurement.
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};

/**
 * Starts a server in a process of its own and waits until `url + readyPath` answers, and not with a 5xx. It is stopped
 * at the end of the run at the latest; ending before that breaks the run.
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
    if (!stopping) breakOff(new Error(`${module} ended with ${signal ?? `code ${code}`} while it was needed`));
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
    if (hasEnded()) throw new Error(`${module} ended before it was ready`);
    const answer = await fetch(url + readyPath, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer) await answer.arrayBuffer();
    if (answer && answer.status < 500) break;
    if (performance.now() - started > 30_000) throw new Error(`${module} was not ready in 30 s`);
    await sleep(POLL_MS);
  }
  return { url, readyMs: performance.now() - started, child, stop };
};

/** Asks a child that preloaded probe.mjs. */
export const probe = async ({ child }, question) => {
  child.send({ probe: question }, () => undefined); // that a child is dead, `broken` tells
  while (true) {
    const [answer] = await once(child, 'message');
    if (answer?.probe === question) return answer.value;
  }
};
