import { BlockList, isIP, isIPv6 } from "node:net";

/** Loopback and private ranges: RFC 1122, 1918, 4193, 4291, 6598. */
const LOCAL = ranges(
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["::1", 128],
  ["fc00::", 7],
);

/** Never an upstream: unspecified, link-local (cloud metadata), multicast and reserved. */
const FORBIDDEN = ranges(
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  ["::", 128],
  ["fe80::", 10],
  ["ff00::", 8],
);

function ranges(...entries: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of entries) list.addSubnet(network, prefix, isIPv6(network) ? "ipv6" : "ipv4");
  return list;
}

/** `forbidden` may never be connected to, `local` is this machine or a private network, `public` is the rest. */
export type AddressKind = "forbidden" | "local" | "public";

/** Classifies a literal IP address; null for a name. */
export function addressKind(host: string): AddressKind | null {
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  const version = isIP(bare);
  if (version === 0) return null;
  const family = version === 6 ? "ipv6" : "ipv4"; // BlockList itself unmaps ::ffff:a.b.c.d
  if (FORBIDDEN.check(bare, family)) return "forbidden";
  return LOCAL.check(bare, family) ? "local" : "public";
}
