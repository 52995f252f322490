import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";

/** One end of a connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * The user at the other end of a connection within this machine, as the kernel keeps it (proc(5), `net/tcp`); null where
 * it cannot be found out.
 */
export function userBehind(remote: Endpoint, localPort: number): number | null {
  const wanted = [hexPort(remote.port), hexPort(localPort)];
  for (const table of [`/proc/net/tcp`, `/proc/net/tcp6`]) {
    for (const line of linesOf(table)) {
      // The caller's own row: there his end is the local one.
      const [, local = "", other = "", , , , , uid] = line.trim().split(/\s+/);
      if (portOf(local) !== wanted[0] || portOf(other) !== wanted[1]) continue;
      if (sameAddress(local, remote.address)) return Number(uid);
    }
  }
  return null;
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "latin1").split("\n").slice(1);
  } catch {
    return []; // not Linux
  }
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

function portOf(end: string): string {
  return end.slice(end.indexOf(":") + 1);
}

/** Loopback alone is asked about: 127.0.0.0/8, ::1, and the first mapped into IPv6. Words are in the machine's byte order. */
function sameAddress(end: string, address: string): boolean {
  const hex = end.slice(0, end.indexOf(":"));
  const bare = address.replace(/^::ffff:/i, "");
  if (isIPv6(bare)) return hex === "00000000000000000000000001000000";
  const little = bare.split(".").map((part) => Number(part).toString(16).toUpperCase().padStart(2, "0"));
  return hex.endsWith(little.reverse().join("")) || hex.endsWith(little.reverse().join(""));
}
