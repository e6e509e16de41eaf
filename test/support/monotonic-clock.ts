import { jest } from '@jest/globals';

const now = performance.now.bind(performance);
let skippedMs = 0;

/** Advances `performance.now()`, so that the pauses of circuit breakers end. Timers and connections are not affected. */
export function skipMonotonicTime(ms: number): void {
  skippedMs += ms;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + skippedMs);
}
