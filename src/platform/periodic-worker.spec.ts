import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PeriodicWorker } from './periodic-worker.js';

const EVERY_MS = 1_000;

interface Run {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A job whose runs end when the test says so. */
class Job {
  readonly everyMs = EVERY_MS;
  readonly errors: Error[] = [];
  readonly onError = (error: Error) => void this.errors.push(error);
  readonly runs: Run[] = [];
  signal: AbortSignal | undefined;
  readonly run = (signal: AbortSignal) => {
    this.signal = signal;
    return new Promise<void>((resolve, reject) => this.runs.push({ resolve, reject }));
  };
}

describe('PeriodicWorker', () => {
  let job: Job;
  let worker: PeriodicWorker;
  const pass = (intervals: number) => jest.advanceTimersByTimeAsync(intervals * EVERY_MS);

  beforeEach(() => {
    jest.useFakeTimers();
    job = new Job();
    worker = new PeriodicWorker(job);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs the job once per interval', async () => {
    worker.start();
    expect(job.runs).toHaveLength(0);
    await pass(1);
    expect(job.runs).toHaveLength(1);
    job.runs[0]!.resolve();
    await pass(1);
    expect(job.runs).toHaveLength(2);
  });

  it('runs it immediately if asked to', () => {
    worker.start({ immediately: true });
    expect(job.runs).toHaveLength(1);
  });

  it('never starts a run while another is in progress', async () => {
    worker.start();
    await pass(3);
    expect(job.runs).toHaveLength(1);
    job.runs[0]!.resolve();
    await pass(1);
    expect(job.runs).toHaveLength(2);
  });

  it('reports a run that rejects, and goes on', async () => {
    worker.start();
    await pass(1);
    job.runs[0]!.reject(new Error('failed'));
    await pass(1);
    expect(job.errors).toEqual([new Error('failed')]);
    expect(job.runs).toHaveLength(2);
  });

  it('waits for the run in progress when it stops, and starts no other', async () => {
    worker.start({ immediately: true });
    const stopped = jest.fn();
    const stop = worker.stop().then(stopped);
    await pass(3);
    expect(stopped).not.toHaveBeenCalled();
    job.runs[0]!.resolve();
    await stop;
    await pass(3);
    expect(job.runs).toHaveLength(1);
  });

  it('aborts the run in progress when it stops', () => {
    worker.start({ immediately: true });
    expect(job.signal!.aborted).toBe(false);
    void worker.stop();
    expect(job.signal!.aborted).toBe(true);
  });

  it('may be stopped before it was started', async () => {
    await expect(worker.stop()).resolves.toBeUndefined();
  });
});
