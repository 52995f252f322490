import { lookup } from "node:dns/promises";
import { BlockList, connect, isIP, isIPv6, type LookupFunction, type Socket } from "node:net";

/** This machine: RFC 1122, 4291. */
const LOOPBACK = ranges(["127.0.0.0", 8], ["::1", 128]);

/** Networks of one's own: RFC 1918, 6598, 2544, 4193, 3879. */
const PRIVATE = ranges(
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["198.18.0.0", 15],
  ["fc00::", 7],
  ["fec0::", 10],
);

/** Nobody's to connect to: unspecified, link-local, multicast and reserved. */
const FORBIDDEN = ranges(
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  ["::", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  // Where clouds hand out credentials of the machine, besides link-local: AWS, Alibaba, Oracle, Azure.
  ["fd00:ec2::254", 128],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["168.63.129.16", 32],
);

/** IPv6 prefixes that carry an IPv4 address, and the group of 16 bits it starts at: NAT64 (RFC 6052), 6to4 (RFC 3056). */
const CARRIERS = [
  { range: ranges(["64:ff9b::", 96]), group: 6 },
  { range: ranges(["2002::", 16]), group: 1 },
] as const;

function ranges(...entries: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of entries) list.addSubnet(network, prefix, isIPv6(network) ? "ipv6" : "ipv4");
  return list;
}

/** `forbidden` may never be connected to, `loopback` is this machine, `private` a network of one's own, `public` the rest. */
export type AddressKind = "forbidden" | "loopback" | "private" | "public";

/** Classifies a literal IP address; null for a name. */
export function addressKind(host: string): AddressKind | null {
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  const version = isIP(bare);
  if (version === 0 || bare.includes("%")) return version === 0 ? null : "forbidden"; // a zone is link-local
  const family = version === 6 ? "ipv6" : "ipv4"; // BlockList itself unmaps ::ffff:a.b.c.d
  const carrier = version === 6 && CARRIERS.find(({ range }) => range.check(bare, "ipv6"));
  if (carrier) return addressKind(carriedAddress(bare, carrier.group));
  if (FORBIDDEN.check(bare, family)) return "forbidden";
  if (LOOPBACK.check(bare, family)) return "loopback";
  return PRIVATE.check(bare, family) ? "private" : "public";
}

/** The IPv4 address inside an IPv6 address. */
function carriedAddress(address: string, group: number): string {
  // The URL parser writes every IPv6 address in one way: hexadecimal groups, at most one `::`.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  const halves = [groups[group], groups[group + 1]].map((text = "0") => Number.parseInt(text, 16));
  return halves.flatMap((half) => [half >> 8, half & 0xff]).join(".");
}

/** Finds the addresses of a host name; a literal address stands for itself. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The system's resolver. It reads `127.1`, `0x7f.1` and the like as addresses, so that only its answer can be checked. */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * Looks a host up for `connect`, and refuses one that leads where nobody may connect to, such as the address where
 * clouds hand out credentials: what is connected to is what was checked.
 */
export const guardedLookup: LookupFunction = (host, { all }, done) => {
  lookup(host, { all: true, verbatim: true }).then(
    (found) => {
      const [first] = found;
      if (!first || found.some(({ address }) => addressKind(address) === "forbidden")) {
        done(new Error(`${host} leads to an address that may not be connected to`), []);
      } else if (all) done(null, found);
      else done(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => done(error, []),
  );
};

/** Options of {@link connectTo}. */
export interface ConnectOptions {
  /** Checked addresses; whichever answers first is taken (RFC 8305). */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly signal: AbortSignal;
}

/**
 * Connects to one of the addresses given and to nothing else: no name is looked up a second time.
 * @throws what the system says, or the signal's reason
 */
export function connectTo({ addresses, port, signal }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const socket = connect({
      host: "checked", // never looked up: the addresses are given below
      port,
      autoSelectFamily: true,
      noDelay: true,
      lookup: (_host, _options, done) => done(null, found),
    });
    const leave = () => socket.destroy(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    const settle = () => {
      signal.removeEventListener("abort", leave);
      socket.removeAllListeners("error");
    };
    socket.once("error", (error) => {
      settle();
      reject(error);
    });
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
  });
}
