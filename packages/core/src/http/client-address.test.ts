import { describe, expect, it } from "vitest";
import type { GatewayConfig } from "../schemas/options.js";
import { addressBlock, clientAddress } from "./client-address.js";

function addressOf(trust: GatewayConfig["trustProxy"], peer: string | undefined, forwarded: string | null) {
  const headers = { get: (name: string) => (name === "x-forwarded-for" ? forwarded : null) };
  const request = { method: "GET", url: "/", headers, signal: new AbortController().signal };
  return clientAddress(trust)({ ...request, arrayBuffer: async () => new ArrayBuffer(0) }, { address: peer });
}

describe("the client's address", () => {
  it.each([
    // trust, peer, X-Forwarded-For, address
    [false, "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    [0, "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    [1, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [1, "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    [2, "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    [2, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [1, "10.0.0.1", null, "10.0.0.1"],
    [1, "10.0.0.1", "unknown", "10.0.0.1"],
    [1, "10.0.0.1", "", "10.0.0.1"],
    [["10.0.0.0/8"], "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    [["10.0.0.0/8"], "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    [["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, evil, 10.0.0.2", "10.0.0.1"],
    [["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    [["10.0.0.0/8"], "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [["127.0.0.1", "fd00::/8"], "fd00::1", "2001:db8::9", "2001:db8::9"],
    [["127.0.0.1"], "127.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    [["127.0.0.1"], "127.0.0.1", "[2001:db8::9]:4711", "2001:db8::9"],
    [["127.0.0.1"], undefined, "198.51.100.1", undefined],
    [false, "", null, undefined],
    [false, "::ffff:1.2.3.4", null, "1.2.3.4"],
    [false, "::FFFF:0102:0304", null, "1.2.3.4"],
    [false, "0:0:0:0:0:ffff:102:304", null, "1.2.3.4"],
    [false, "fe80::1%eth0", null, "fe80::1"],
  ] as const)("with trustProxy %j, peer %s and X-Forwarded-For %j is %s", (trust, peer, forwarded, expected) => {
    expect(addressOf(typeof trust === "object" ? [...trust] : trust, peer, forwarded)).toBe(expected);
  });

  it.each([
    [true, "believes everybody"],
    [["10.0.0.1", "0.0.0.0/0"], "0.0.0.0/0 believes everybody"],
    [["::/0"], "::/0 believes everybody"],
    [["10.0.0.0/33"], "10.0.0.0/33"],
    [["10.0.0.0/"], "10.0.0.0/"],
    [["::1/129"], "::1/129"],
    [["proxy.example"], "proxy.example"],
    [["10.0.0.0/8/8x"], "10.0.0.0/8/8x"],
  ])("refuses trustProxy %j", (trust, named) => {
    expect(() => clientAddress(trust)).toThrow(TypeError);
    expect(() => clientAddress(trust)).toThrow(named);
  });
});

describe("what counts as one caller", () => {
  it.each([
    ["203.0.113.7", 64, "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2/64"],
    ["2001:db8:1:2::", 64, "2001:db8:1:2/64"],
    ["2001:db8::1", 64, "2001:db8:0:0/64"],
    ["2001:db8:1:2f::", 56, "2001:db8:1:0/56"],
    ["2001:db8:1:2::1", 48, "2001:db8:1/48"],
    ["::1", 128, "0:0:0:0:0:0:0:1/128"],
  ])("%s with a prefix of %d is %s", (address, prefix, block) => {
    expect(addressBlock(address, prefix)).toBe(block);
  });

  it("is one for every address of a /64", () => {
    const blocks = Array.from({ length: 2 ** 16 }, (_, low) => addressBlock(`2001:db8:1:2:${low.toString(16)}::1`, 64));
    expect(new Set(blocks).size).toBe(1);
  });
});
