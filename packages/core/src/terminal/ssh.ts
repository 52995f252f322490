import { GatewayError } from "../errors.js";
import type { HostKeyPolicy } from "../schemas/host-key.js";
import type { OpenRequest, TerminalDriver } from "../spec/terminal.js";
import type { HostKeys, HostKeyTrust } from "./internal/host-keys/host-keys.js";
import { pinnedKey } from "./internal/host-keys/verdict.js";
import type { Dialer } from "./internal/reach/dialer.js";
import { dialOptions, targetOf } from "./internal/remote.js";
import { connectChain } from "./internal/ssh/chain.js";
import type { Hop } from "./internal/ssh/connect.js";
import { Credentials } from "./internal/ssh/credentials.js";
import { loadSsh2, type Ssh2 } from "./internal/ssh/peer.js";
import { SshTerminal } from "./internal/ssh/terminal.js";

/** Options of {@link sshTerminals}. */
export interface SshTerminalsOptions {
  readonly dialer: Dialer;
  readonly hostKeys: HostKeys;
  /** How keys are judged where a request does not say. */
  readonly hostKeyPolicy: HostKeyPolicy;
}

type SshRequest = OpenRequest<"ssh">;

/** Opens shells on other machines over SSH, through the package `ssh2`. */
export function sshTerminals(options: SshTerminalsOptions): TerminalDriver<"ssh"> {
  return {
    type: "ssh",
    async open(request, context) {
      const ssh2 = loadSsh2();
      context.signal.throwIfAborted();
      const hops = hopsOf(ssh2, request, options.hostKeyPolicy);
      const { dialer, hostKeys } = options;
      const { keepaliveMs } = request;
      const chain = await connectChain({
        ...dialOptions(context),
        ssh2,
        hops,
        dialer,
        hostKeys,
        clock: context.clock,
        keepaliveMs,
      });
      return new SshTerminal(chain, hops, context);
    },
  };
}

/** The way to the host a request names, each hop with a login and a trust of its own. */
function hopsOf(ssh2: Ssh2, request: SshRequest, policy: HostKeyPolicy): readonly [Hop, ...Hop[]] {
  const hop = (place: SshRequest | NonNullable<SshRequest["jump"]>[number], at: string): Hop => ({
    target: targetOf(place),
    credentials: new Credentials(ssh2, place, at),
    trust: trustOf(place.hostKey, request.hostKeyPolicy ?? policy, at),
  });
  const jumps = (request.jump ?? []).map((place, index) => hop(place, `jump[${index}].`));
  const last = hop(request, "");
  const [first, ...others] = [...jumps, last];
  return [first ?? last, ...others];
}

function trustOf(hostKey: string | undefined, policy: HostKeyPolicy | "pinned", at: string): HostKeyTrust {
  const pinned = hostKey === undefined ? null : pinnedKey(hostKey);
  if (pinned || (hostKey === undefined && policy !== "pinned")) {
    return { pinned, policy: policy === "pinned" ? "strict" : policy };
  }
  const why = hostKey === undefined ? "required by the policy pinned" : "must be a fingerprint or a public key";
  throw new GatewayError("invalid_request", { param: `${at}hostKey`, details: `${at}hostKey: ${why}` });
}
