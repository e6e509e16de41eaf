import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The ranges of ipaddr.js with private and loopback addresses. */
const PRIVATE_RANGES = new Set<string>(['carrierGradeNat', 'linkLocal', 'loopback', 'private', 'uniqueLocal']);

/**
 * The key under which a caller's IP address is limited, or undefined if the address does not identify the caller.
 * Unless a proxy is trusted, a private or loopback address is probably that of a proxy, and a limit on it would lock
 * out all users. IPv6 addresses are limited by /64, the smallest network of a subscriber.
 */
export function limitedAddress(ip: string, proxyTrusted: boolean): string | undefined {
  // ipaddr.js also parses `1` and `0x7f.1`.
  if (isIP(ip) === 0) return undefined;
  const address = ipaddr.process(ip);
  if (!proxyTrusted && PRIVATE_RANGES.has(address.range())) return undefined;
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}
