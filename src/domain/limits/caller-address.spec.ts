import { describe, expect, it } from '@jest/globals';
import { limitedAddress } from './caller-address.js';

describe('limitedAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:1::7', '2001:db8:0:1::/64'],
    ['2001:DB8:0000:0001:ffff:1:2:3', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['not an address', undefined],
    ['8.8', undefined],
    ['0x8.8.8.8', undefined],
  ])('limits %s as %s', (ip, key) => {
    expect(limitedAddress(ip, false)).toBe(key);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fe80::1%eth0',
    'fd12::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
  ])('does not limit %s unless a proxy is trusted, because it may be an internal proxy', (ip) => {
    expect(limitedAddress(ip, false)).toBeUndefined();
    expect(limitedAddress(ip, true)).toBeDefined();
  });
});
