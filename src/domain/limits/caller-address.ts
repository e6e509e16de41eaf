import { BlockList, isIP } from 'node:net';

const own = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  own.addSubnet(net, prefix, 'ipv4');
}
own.addAddress('::1', 'ipv6');
own.addSubnet('fc00::', 7, 'ipv6');
own.addSubnet('fe80::', 10, 'ipv6');

/**
 * The key a caller's address is limited under, or undefined when it says nothing about the caller. A private or loopback
 * address is, unless a proxy is trusted, most likely that of a proxy before all users, and limiting it would lock everyone
 * out. An IPv6 caller is its /64, the least that a subscriber holds.
 */
export function limitedAddress(ip: string, proxyTrusted: boolean): string | undefined {
  const address = ip
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 0) return undefined;
  if (!proxyTrusted && own.check(address, family === 4 ? 'ipv4' : 'ipv6')) return undefined;
  return family === 4 ? address : `${firstGroups(address).join(':')}::/64`;
}

function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    // An embedded IPv4 tail takes the room of two groups.
    const after = tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0);
    while (groups.length < 8 - after) groups.push('0');
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}
