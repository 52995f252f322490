import { BlockList, isIP, isIPv6 } from "node:net";
import { matchesPattern } from "../pattern.js";

/** A list of hosts: names, in which `*` stands for anything, addresses and networks such as `10.0.0.0/8`. */
export class HostRules {
  readonly #names: string[] = [];
  readonly #networks = new BlockList();

  /**
   * @param option - the configuration key, for the error
   * @throws TypeError naming the option when an entry is no network
   */
  constructor(entries: readonly string[], option: string) {
    for (const entry of entries) {
      const [address = "", prefix] = entry.replace(/^\[(.*)\]$/, "$1").split("/");
      if (isIP(address) === 0 && prefix === undefined) this.#names.push(canonicalName(entry));
      else this.#addNetwork(address, prefix, option);
    }
  }

  /** Whether the list holds a host, by its name or by the address it was found at. */
  holds(host: string, address: string): boolean {
    const name = canonicalName(host);
    return (
      this.#names.some((pattern) => matchesPattern(name, pattern)) ||
      this.#networks.check(address, isIPv6(address) ? "ipv6" : "ipv4")
    );
  }

  #addNetwork(address: string, prefix: string | undefined, option: string): void {
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    try {
      if (prefix === undefined) this.#networks.addAddress(address, family);
      else this.#networks.addSubnet(address, Number(prefix || Number.NaN), family);
    } catch {
      throw new TypeError(`Gateway options: ${option} must hold host names, addresses and networks`);
    }
  }
}

/** Upper case and a dot at the end make no other name (RFC 4343, 1034). */
function canonicalName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
