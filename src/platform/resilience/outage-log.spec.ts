import { beforeEach, describe, expect, it } from '@jest/globals';
import { OutageLog } from './outage-log.js';

let now: number;
let lines: string[];
let outages: OutageLog;

beforeEach(() => {
  now = 1_000_000;
  lines = [];
  const write = (line: string) => void lines.push(line);
  outages = new OutageLog({ log: write, warn: write }, 'Logto', () => now);
});

describe('the log of outages', () => {
  it('has one line at the start of an outage, and one at its end', () => {
    for (let i = 0; i < 1_000; i += 1, now += 50) outages.failed('read', 'ECONNREFUSED');
    outages.succeeded('read');
    outages.succeeded('read');
    expect(lines).toEqual([
      'Logto is unavailable (read: ECONNREFUSED). Further failures of this outage are not logged.',
      'Logto is available again after 50 s and 1000 failures.',
    ]);
  });

  it('has one outage when several kinds of calls fail, which ends when all of them work', () => {
    outages.failed('read', 'ETIMEDOUT');
    outages.failed('write', 'ETIMEDOUT');
    outages.succeeded('read');
    expect(lines).toHaveLength(1);
    outages.succeeded('write');
    expect(lines).toHaveLength(2);
  });

  it('ends an outage although one kind is no longer used', () => {
    outages.failed('read', 'ETIMEDOUT');
    outages.failed('write', 'ETIMEDOUT');
    now += 30_000;
    outages.succeeded('read');
    expect(lines).toHaveLength(2);
  });

  it('is not filled by a dependency that fails now and then', () => {
    for (let i = 0; i < 1_000; i += 1, now += 20) {
      outages.failed('read', 'ECONNRESET');
      outages.succeeded('read');
    }
    expect(lines.length).toBeLessThanOrEqual(4);
  });

  it('reports an outage that starts soon after another one and lasts', () => {
    outages.failed('read', 'ECONNRESET');
    outages.succeeded('read');
    now += 1_000;
    outages.failed('read', 'ECONNREFUSED');
    expect(lines).toHaveLength(2);
    now += 9_000;
    outages.failed('read', 'ECONNREFUSED');
    expect(lines).toHaveLength(3);
    outages.succeeded('read');
    expect(lines.at(-1)).toBe('Logto is available again after 9 s and 2 failures.');
  });
});
