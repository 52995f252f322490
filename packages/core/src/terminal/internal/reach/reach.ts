import { GatewayError } from "../../../errors.js";
import { addressKind, type Resolve } from "../../../net-guard.js";
import type { GatewayConfig } from "../../../schemas/options.js";
import { HostRules } from "./host-rules.js";

/** A host somebody wants to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Options of {@link Reach}. */
export interface ReachOptions {
  readonly config: Pick<GatewayConfig["terminal"], "allowHosts" | "denyHosts" | "ports">;
  readonly resolve: Resolve;
}

/** Which hosts and ports terminals may connect to. */
export class Reach {
  readonly #ports: ReadonlySet<number>;
  readonly #allow: HostRules;
  readonly #deny: HostRules;
  readonly #resolve: Resolve;

  /** @throws TypeError naming the option that is wrong */
  constructor({ config, resolve }: ReachOptions) {
    this.#ports = new Set(config.ports);
    this.#allow = new HostRules(config.allowHosts, "terminal.allowHosts");
    this.#deny = new HostRules(config.denyHosts, "terminal.denyHosts");
    this.#resolve = resolve;
  }

  /**
   * Looks a host up once and checks every address found: one bad address refuses the host, since whoever answers the
   * question chooses which is used.
   * @param trusted - whether private networks are open: to admins, and for connections they prepared
   * @returns the addresses to connect to
   * @throws GatewayError `forbidden`, `remote_failed`
   */
  async addresses({ host, port }: Target, trusted: boolean): Promise<readonly string[]> {
    if (!this.#ports.has(port))
      throw new GatewayError("forbidden", { details: `port ${port} is not open to terminals` });
    const addresses = await this.#resolve(host).catch((cause: unknown) => {
      throw notFound(host, cause);
    });
    if (addresses.length === 0) throw notFound(host);
    if (addresses.every((address) => this.#permits(host, address, trusted))) return addresses;
    // Nothing about the address: that would tell what names of private networks stand for.
    throw new GatewayError("forbidden", { details: `${host} is not open to terminals` });
  }

  #permits(host: string, address: string, trusted: boolean): boolean {
    const kind = addressKind(address);
    if (kind === null || kind === "forbidden" || this.#deny.holds(host, address)) return false;
    if (kind === "public" || this.#allow.holds(host, address)) return true;
    return kind === "private" && trusted;
  }
}

function notFound(host: string, cause?: unknown): GatewayError {
  return new GatewayError("remote_failed", {
    details: `the host ${host} was not found`,
    upstreamCode: "HOST_NOT_FOUND",
    cause,
  });
}
