import { BlockList, isIP, isIPv4 } from "node:net";
import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, Peer } from "../spec/http.js";

/** Where a request comes from; undefined where nobody says. */
export type AddressOf = (request: GatewayRequest, peer: Peer | undefined) => string | undefined;

/**
 * Finds the address of whoever sent a request: the peer's, or the one that trusted proxies name. Of the headers that
 * proxies send only `X-Forwarded-For` is read, from the right, since anybody may have written what stands on the left.
 *
 * @param trust how many proxies stand in front, or the networks they are in
 * @throws TypeError for what would believe everybody, and for a network that is none
 */
export function clientAddress(trust: GatewayConfig["trustProxy"]): AddressOf {
  if (trust === true) {
    throw new TypeError("trustProxy: true believes everybody; give the number of proxies or a list of networks");
  }
  if (trust === false || trust === 0) return (_request, peer) => canonical(peer?.address);
  const isTrusted = typeof trust === "number" ? null : networks(trust);

  return (request, peer) => {
    const direct = canonical(peer?.address);
    const forwarded = request.headers.get("x-forwarded-for");
    if (forwarded === null || (isTrusted && !(direct !== undefined && isTrusted(direct)))) return direct;
    const hops = forwarded
      .split(",")
      .slice(-MAX_HOPS)
      .map((hop) => canonical(hop.trim()));
    if (typeof trust === "number") return hops[Math.max(0, hops.length - trust)] ?? direct;
    return firstUntrusted(hops, isTrusted ?? (() => false)) ?? direct;
  };
}

/** More proxies than this stand in no row. */
const MAX_HOPS = 32;

/** From the right to the first hop that is not a proxy of ours; undefined when one on the way is no address. */
function firstUntrusted(hops: readonly (string | undefined)[], isTrusted: (address: string) => boolean) {
  for (let index = hops.length - 1; index >= 0; index--) {
    const hop = hops[index];
    if (hop === undefined || !isTrusted(hop) || index === 0) return hop;
  }
  return undefined;
}

function networks(list: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of list) {
    const [, address = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const bits = length === undefined ? most : Number(length);
    if (family === 0 || bits > most) {
      throw new TypeError(`trustProxy: ${entry} is neither an address nor a network such as 10.0.0.0/8`);
    }
    if (bits === 0)
      throw new TypeError(`trustProxy: ${entry} believes everybody; name the networks your proxies are in`);
    trusted.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  }
  return (address) => trusted.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** IPv4 as it is, also where it comes inside an IPv6 address (RFC 4291 2.5.5.2); the zone dropped; else undefined. */
function canonical(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (!address.includes(":")) return isIPv4(address) ? address : undefined;
  const [bare = ""] = address.split("%");
  if (isIP(bare) === 0) return withPort(bare);
  const mapped = MAPPED.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  const groups = groupsOf(bare);
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return bare.toLowerCase();
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Some proxies write the port behind the address. */
function withPort(text: string): string | undefined {
  const [, inBrackets, plain] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  const address = inBrackets ?? plain;
  return address !== undefined && isIP(address) !== 0 ? canonical(address) : undefined;
}

/**
 * What counts as one caller: an IPv4 address, or a network of IPv6 addresses, since whoever has one has all of it.
 * @param prefixLength bits of an IPv6 address that count
 */
export function addressBlock(address: string, prefixLength: number): string {
  if (!address.includes(":")) return address;
  const groups = groupsOf(address).map((group, index) => {
    const kept = Math.min(16, Math.max(0, prefixLength - index * 16));
    return (group & (0xffff << (16 - kept))).toString(16);
  });
  return `${groups.slice(0, Math.ceil(prefixLength / 16)).join(":")}/${prefixLength}`;
}

/** The eight groups of an IPv6 address in text (RFC 4291 2.2). */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const before = parts(head);
  if (tail === undefined) return before;
  const after = parts(tail);
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

function parts(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
