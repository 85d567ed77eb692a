import { BlockList, isIP } from 'node:net';

const blocks = {
  'a link-local address, where clouds keep machine credentials': [
    ['169.254.0.0', 16, 'ipv4'],
    ['fe80::', 10, 'ipv6'],
    ['fd00:ec2::', 32, 'ipv6'],
  ],
  'not an address of a machine': [
    ['0.0.0.0', 8, 'ipv4'],
    ['::', 128, 'ipv6'],
  ],
  'a multicast or broadcast address': [
    ['224.0.0.0', 3, 'ipv4'],
    ['ff00::', 8, 'ipv6'],
  ],
} as const;

const refusedBlocks = Object.entries(blocks).map(([reason, nets]) => ({ reason, list: listOf(nets) }));
const loopback = listOf([
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
]);

function listOf(nets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of nets) list.addSubnet(net, prefix, family);
  return list;
}

/** Whether a host of a configured address is this machine by its own words: `localhost`, `127.0.0.1`, `[::1]`. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return bare === 'localhost' || bare.endsWith('.localhost') || isLoopback(bare);
}

/** Why an address must not be called, in words; undefined where it may. A name may not lead to this machine unless it says so itself. Names are judged when they are resolved. */
export function refusedAddress(address: string, host: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const refused = refusedBlocks.find(({ list }) => list.check(address, kind));
  if (refused) return refused.reason;
  return isLoopback(address) && !isLoopbackHost(host) ? 'on this machine, although its name does not say so' : undefined;
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
