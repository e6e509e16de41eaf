import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AppConfig } from '../../platform/config/app-config.js';
import { TrafficLimitService } from './traffic-limit.service.js';

const config = { limits: { requestsPerMinute: 1200, requestBurst: 200 } } as AppConfig;
let now: number;
let limit: TrafficLimitService;

beforeEach(() => {
  now = 1_800_000_000_000;
  limit = new TrafficLimitService(config, { now: () => now });
});

const take = (userId = 'alice', clientId = 'page') => limit.take({ userId, clientId });
const allowed = (requests: number, user = 'alice') => {
  let passed = 0;
  for (let i = 0; i < requests; i++) {
    try {
      take(user);
      passed++;
    } catch {
      // Rejected requests are not counted.
    }
  }
  return passed;
};

describe('TrafficLimitService', () => {
  it('allows a burst of 200 requests, and then 20 a second', () => {
    expect(allowed(300)).toBe(200);
    now += 1000;
    expect(allowed(300)).toBe(20);
    now += 60_000;
    expect(allowed(300)).toBe(200);
  });

  it('allows 1,200 evenly spread requests a minute', () => {
    let passed = 0;
    for (let i = 0; i < 1200; i++, now += 50) passed += allowed(1);
    expect(passed).toBe(1200);
  });

  it('counts each user separately', () => {
    allowed(300);
    expect(allowed(300, 'bob')).toBe(200);
  });

  it('reports the remaining requests in each response', () => {
    expect(take()).toEqual({
      'RateLimit-Policy': '"requests";q=200;w=10',
      RateLimit: '"requests";r=199;t=1',
    });
  });

  it('rejects with Retry-After and does not count rejected requests', () => {
    allowed(1000);
    expect(() => take()).toThrow(
      expect.objectContaining({
        code: 'rate_limited',
        options: {
          headers: {
            'Retry-After': '1',
            'RateLimit-Policy': '"requests";q=200;w=10',
            RateLimit: '"requests";r=0;t=10',
          },
        },
      }),
    );
    now += 50;
    expect(allowed(5)).toBe(1);
  });

  it('counts the requests of each application separately', () => {
    expect(allowed(300)).toBe(200);
    expect(() => take('alice', 'other-app')).not.toThrow();
  });
});
