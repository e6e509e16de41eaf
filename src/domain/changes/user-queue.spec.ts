import { describe, expect, it } from '@jest/globals';
import { UserQueue } from './user-queue.js';

/** Longer than the test. */
const PATIENCE_MS = 60_000;

const nextTurn = () => new Promise(setImmediate);

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

describe('the user queue', () => {
  it("runs one user's tasks in order and those of other users concurrently", async () => {
    const queue = new UserQueue();
    const log: string[] = [];
    const task = (name: string) => async () => {
      log.push(`${name} begins`);
      await nextTurn();
      log.push(`${name} ends`);
    };
    await Promise.all([
      queue.run('u1', PATIENCE_MS, task('a')),
      queue.run('u1', PATIENCE_MS, task('b')),
      queue.run('u2', PATIENCE_MS, task('c')),
    ]);
    expect(log).toEqual(['a begins', 'c begins', 'a ends', 'b begins', 'c ends', 'b ends']);
  });

  it('continues after a failed task and rejects only that task', async () => {
    const queue = new UserQueue();
    const failed = queue.run('u1', PATIENCE_MS, () => Promise.reject(new Error('no')));
    const next = queue.run('u1', PATIENCE_MS, () => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('rejects a task whose turn does not come in time, and keeps the order of the others', async () => {
    const queue = new UserQueue();
    const { promise: held, resolve: release } = deferred();
    const log: string[] = [];
    const slow = queue.run('u1', PATIENCE_MS, () => held.then(() => log.push('slow')));
    const impatient = queue.run('u1', 1, () => Promise.resolve(log.push('impatient')));
    const patient = queue.run('u1', PATIENCE_MS, () => Promise.resolve(log.push('patient')));
    await expect(impatient).rejects.toMatchObject({ code: 'overloaded' });
    expect(log).toEqual([]);
    release();
    await Promise.all([slow, patient]);
    expect(log).toEqual(['slow', 'patient']);
  });

  it('rejects a task when too many of the same user wait', async () => {
    const queue = new UserQueue();
    const { promise: held, resolve: release } = deferred();
    const waiting = Array.from({ length: 257 }, () => queue.run('u1', PATIENCE_MS, () => held));
    await expect(queue.run('u1', PATIENCE_MS, () => held)).rejects.toMatchObject({ code: 'overloaded' });
    await queue.run('u2', PATIENCE_MS, () => Promise.resolve());
    release();
    await Promise.all(waiting);
    expect(await queue.run('u1', PATIENCE_MS, () => Promise.resolve('again'))).toBe('again');
  });
});
