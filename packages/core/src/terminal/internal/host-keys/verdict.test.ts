import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FailureCode } from "../../../errors.js";
import type { HostKeyPolicy } from "../../../schemas/host-key.js";
import { fingerprintOf, type HostKey, hostKeyFrom, hostKeyOf } from "./host-key.js";
import { knownHostsName, knownKeys, parseKnownHosts } from "./known-hosts.js";
import { judge, judgePinned, pinnedKey } from "./verdict.js";

/** Made with ssh-keygen; the fingerprints are what `ssh-keygen -l` printed. */
const ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIM4NWbQbuIGJZPXq/1dbv2Rac6AvdRos282lRwDfz2HU";
const ED25519_FINGERPRINT = "SHA256:g7vtCa1AgiRTSCvxm5GzANPLiYaTJO2KKGSVqNWJ1sE";
const OTHER = blobOf("ssh-ed25519", "another").toString("base64");
const ECDSA = blobOf("ecdsa-sha2-nistp256", "a third").toString("base64");

function blobOf(type: string, rest: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + rest)]);
}

function key(type: string, base64: string): HostKey {
  const read = hostKeyFrom(type, base64);
  if (!read) throw new TypeError("not a key");
  return read;
}

const ed25519 = key("ssh-ed25519", ED25519);
const other = key("ssh-ed25519", OTHER);
const ecdsa = key("ecdsa-sha2-nistp256", ECDSA);

function hash(name: string): string {
  const salt = Buffer.from("twenty bytes of salt");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("a host key", () => {
  it("has the fingerprint OpenSSH prints", () => {
    expect(fingerprintOf(ed25519)).toBe(ED25519_FINGERPRINT);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a length and no type", Buffer.from([0, 0, 0, 7])],
    ["a type longer than the rest", Buffer.from([0, 0, 0, 7, 65])],
    ["an empty type", Buffer.from([0, 0, 0, 0, 65])],
    ["a type of absurd length", Buffer.from([0xff, 0xff, 0xff, 0xff, 65])],
  ])("is not read from %s", (_what, blob) => {
    expect(hostKeyOf(blob)).toBeNull();
  });
});

describe("known_hosts", () => {
  it.each([
    ["a plain name", "example.com", "example.com", 22],
    ["a name in other letters", "Example.COM", "EXAMPLE.com", 22],
    ["one of several", "a,example.com,10.0.0.1", "10.0.0.1", 22],
    ["a port", "[example.com]:2222", "example.com", 2222],
    ["wildcards", "*.example.c?m", "a.b.example.com", 22],
    ["a wildcard with a port", "[*.example.com]:2222", "a.example.com", 2222],
    ["a hashed name", hash("example.com"), "Example.com", 22],
    ["a hashed name with a port", hash("[example.com]:2222"), "example.com", 2222],
    ["an IPv6 address", "::1", "::1", 22],
  ])("finds %s", (_what, hosts, host, port) => {
    expect(lookUp(`${hosts} ssh-ed25519 ${ED25519} comment`, host, port).trusted).toEqual([ed25519]);
  });

  it.each([
    ["another name", "example.com", "example.org", 22],
    ["another port", "[example.com]:2222", "example.com", 22],
    ["port 22 under a name alone, for another port", "example.com", "example.com", 2222],
    ["a dot that is no wildcard", "example.com", "exampleXcom", 22],
    ["what a pattern takes out", "*.example.com,!bad.example.com", "bad.example.com", 22],
    ["what is only taken out", "!bad.example.com", "good.example.com", 22],
    ["another hashed name", hash("example.com"), "example.org", 22],
    ["a hash of another version", hash("example.com").replace("|1|", "|2|"), "example.com", 22],
  ])("does not find %s", (_what, hosts, host, port) => {
    expect(lookUp(`${hosts} ssh-ed25519 ${ED25519}`, host, port).trusted).toEqual([]);
  });

  it.each([
    "# example.com ssh-ed25519 AAAA",
    "",
    "   ",
    "example.com",
    "example.com ssh-ed25519",
    "example.com ssh-ed25519 !!!!",
    `example.com ssh-rsa ${ED25519}`,
    `@unheard-of example.com ssh-ed25519 ${ED25519}`,
    "example.com 1024 35 1234567890",
  ])("passes over the line %j", (line) => {
    expect(parseKnownHosts(line)).toEqual([]);
  });

  it("tells revoked keys and certificate authorities from trusted keys", () => {
    const file = [
      `example.com ssh-ed25519 ${ED25519}`,
      `@revoked * ssh-ed25519 ${OTHER}`,
      `@cert-authority\t*.com ecdsa-sha2-nistp256 ${ECDSA}\r`,
    ].join("\n");
    expect(lookUp(file, "example.com", 22)).toEqual({ trusted: [ed25519], revoked: [other], certified: true });
  });

  it("is not held up by many wildcards", () => {
    const hosts = `${"*a".repeat(30)}${"*".repeat(200)}b`;
    expect(lookUp(`${hosts} ssh-ed25519 ${ED25519}`, "a".repeat(40), 22).trusted).toEqual([]);
  });

  function lookUp(text: string, host: string, port: number) {
    return knownKeys(parseKnownHosts(text), knownHostsName(host, port));
  }
});

describe("the verdict", () => {
  const shown = { name: "example.com:22", key: ed25519 };
  const nothing = { trusted: [], revoked: [], certified: false };

  it.each([
    ["a known key", { trusted: [other, ed25519] }, "strict", "known"],
    ["a new key under accept-new", {}, "accept-new", "new"],
    ["a new key under strict", {}, "strict", "host_key_refused"],
    ["a new key under known_hosts", {}, "known_hosts", "host_key_refused"],
    ["a new key of a host with a certificate", { certified: true }, "accept-new", "host_key_refused"],
    ["a changed key", { trusted: [other] }, "accept-new", "host_key_changed"],
    ["a key of another type than the known one", { trusted: [ecdsa] }, "accept-new", "host_key_changed"],
    ["a changed key with checks off", { trusted: [other] }, "off", "known"],
    ["a revoked key", { trusted: [ed25519], revoked: [ed25519] }, "strict", "host_key_refused"],
    ["a revoked key with checks off", { revoked: [ed25519] }, "off", "host_key_refused"],
  ] as const)("on %s", (_what, known, policy: HostKeyPolicy, expected) => {
    expect(verdict(() => judge(shown, { ...nothing, ...known }, policy))).toBe(expected);
  });

  it("names both fingerprints of a changed key", () => {
    const refuse = () => judge(shown, { ...nothing, trusted: [other] }, "accept-new");
    expect(refuse).toThrow(ED25519_FINGERPRINT);
    expect(refuse).toThrow(fingerprintOf(other));
  });

  it.each([
    ["its fingerprint", ED25519_FINGERPRINT, true],
    ["its fingerprint with padding", `${ED25519_FINGERPRINT}=`, true],
    ["its public key", `ssh-ed25519 ${ED25519} somebody@somewhere`, true],
    ["another fingerprint", fingerprintOf(other), false],
    ["another public key", `ssh-ed25519 ${OTHER}`, false],
  ])("holds a key against %s", (_what, text, same) => {
    const pinned = pinnedKey(text);
    if (!pinned) throw new TypeError("not a pin");
    expect(verdict(() => judgePinned(shown, pinned))).toBe(same ? undefined : "host_key_changed");
  });

  it.each(["", "SHA256:", "MD5:00:11", `SHA256:${"a".repeat(42)}`, `ssh-rsa ${ED25519}`, "x"])(
    "takes %j for no key",
    (text) => expect(pinnedKey(text)).toBeNull(),
  );

  function verdict(decide: () => unknown): unknown {
    try {
      return decide();
    } catch (error) {
      return (error as { code: FailureCode }).code; // anything else has no code and fails the comparison
    }
  }
});
