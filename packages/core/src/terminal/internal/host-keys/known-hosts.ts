import { createHmac } from "node:crypto";
import { matchesPattern } from "../pattern.js";
import { type HostKey, hostKeyFrom } from "./host-key.js";

/** What is known of one host's keys. */
export interface KnownKeys {
  readonly trusted: readonly HostKey[];
  readonly revoked: readonly HostKey[];
  /** Whether the host is vouched for by a certificate authority, which this client cannot check. */
  readonly certified: boolean;
}

/** One line of a known_hosts file. */
export interface KnownHostsLine {
  readonly marker: "@revoked" | "@cert-authority" | null;
  /** @param name - a host in the form of {@link knownHostsName} */
  matches(name: string): boolean;
  readonly key: HostKey;
}

/** A host as a known_hosts file writes it: in brackets, with its port, unless that is 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Reads a known_hosts file (sshd(8)). Lines that cannot be read say nothing about any host, as in OpenSSH. */
export function parseKnownHosts(text: string): readonly KnownHostsLine[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

/** Gathers what a file says of one host. */
export function knownKeys(lines: readonly KnownHostsLine[], name: string): KnownKeys {
  const about = lines.filter((line) => line.matches(name));
  const keys = (marker: KnownHostsLine["marker"]) => about.filter((line) => line.marker === marker).map(keyOf);
  return {
    trusted: keys(null),
    revoked: keys("@revoked"),
    certified: about.some(({ marker }) => marker === "@cert-authority"),
  };
}

function keyOf({ key }: KnownHostsLine): HostKey {
  return key;
}

function parseLine(line: string): KnownHostsLine | null {
  const words = line.trim().split(/[ \t]+/);
  const [first = ""] = words;
  if (first === "" || first.startsWith("#")) return null;
  const marker = first === "@revoked" || first === "@cert-authority" ? first : null;
  if (marker === null && first.startsWith("@")) return null;
  const [hosts = "", type = "", base64 = ""] = marker ? words.slice(1) : words;
  const key = hostKeyFrom(type, base64);
  return key && { marker, matches: hosts.startsWith("|") ? hashed(hosts) : patterns(hosts), key };
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, so that the file does not tell where its owner goes. */
function hashed(field: string): KnownHostsLine["matches"] {
  const [, version, salt = "", hash = ""] = field.split("|");
  if (version !== "1") return () => false;
  const expected = Buffer.from(hash, "base64");
  return (name) => createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest().equals(expected);
}

/** `*` and `?` are wildcards; one pattern with `!` that matches undoes all the others. */
function patterns(field: string): KnownHostsLine["matches"] {
  const all = field.toLowerCase().split(",");
  const unwanted = all.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const wanted = all.filter((pattern) => !pattern.startsWith("!"));
  const matching = (some: readonly string[], name: string) => some.some((pattern) => matchesPattern(name, pattern));
  return (name) => matching(wanted, name) && !matching(unwanted, name);
}
