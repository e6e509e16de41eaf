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

const take = (userId = 'alice') => limit.take({ userId });
const allowed = (requests: number, user = 'alice') => {
  let passed = 0;
  for (let i = 0; i < requests; i++) {
    try {
      take(user);
      passed++;
    } catch {
      // refused
    }
  }
  return passed;
};

describe('TrafficLimitService', () => {
  it('lets a burst of 200 pass, and 20 a second from then on', () => {
    expect(allowed(300)).toBe(200);
    now += 1000;
    expect(allowed(300)).toBe(20);
    now += 60_000;
    expect(allowed(300)).toBe(200);
  });

  it('lets 1,200 a minute pass that come evenly', () => {
    let passed = 0;
    for (let i = 0; i < 1200; i++, now += 50) passed += allowed(1);
    expect(passed).toBe(1200);
  });

  it('counts each user alone', () => {
    allowed(300);
    expect(allowed(300, 'bob')).toBe(200);
  });

  it('says in each answer what is left', () => {
    expect(take()).toEqual({
      'RateLimit-Policy': '"requests";q=200;w=10',
      RateLimit: '"requests";r=199;t=1',
    });
  });

  it('refuses with when to come again, and does not count what it refused', () => {
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
});
