import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Ranges of ipaddr.js that hold private and loopback addresses. */
const OWN_RANGES = new Set<string>(['carrierGradeNat', 'linkLocal', 'loopback', 'private', 'uniqueLocal']);

/**
 * The key a caller's address is limited under, or undefined when it says nothing about the caller. A private or loopback
 * address is, unless a proxy is trusted, most likely that of a proxy before all users, and limiting it would lock everyone
 * out. An IPv6 caller is its /64, the least that a subscriber holds.
 */
export function limitedAddress(ip: string, proxyTrusted: boolean): string | undefined {
  // ipaddr.js also parses `1` and `0x7f.1`.
  if (isIP(ip) === 0) return undefined;
  const address = ipaddr.process(ip);
  if (!proxyTrusted && OWN_RANGES.has(address.range())) return undefined;
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}
