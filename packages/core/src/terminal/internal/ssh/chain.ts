import type { Duplex } from "node:stream";
import type { Clock } from "../../../clock.js";
import { hostKeyId } from "../../../schemas/host-key.js";
import type { HostKeys } from "../host-keys/host-keys.js";
import type { Dialer, DialOptions } from "../reach/dialer.js";
import { connectSsh, type Hop, type SshConnection } from "./connect.js";
import type { Ssh2 } from "./peer.js";
import { openChannel } from "./remote-host.js";

/** What is left of a farewell that nobody answers. */
const FAREWELL_MS = 1_000;

/** Options of {@link connectChain}. */
export interface ChainOptions extends DialOptions {
  readonly ssh2: Ssh2;
  /** The hosts to go through, and the one to arrive at. */
  readonly hops: readonly [Hop, ...Hop[]];
  readonly dialer: Dialer;
  readonly hostKeys: HostKeys;
  readonly clock: Clock;
  readonly keepaliveMs: number;
}

/** A connection through any number of hosts, to the last of them. */
export interface Chain extends SshConnection {
  /** Ends the connection to every host. */
  close(): Promise<void>;
}

/**
 * Logs in to one host after the other, each through the one before; each has its key judged under its own name.
 * @throws GatewayError what {@link connectSsh} and the dialer throw; nothing is left open then
 */
export async function connectChain(options: ChainOptions): Promise<Chain> {
  const { hops, clock } = options;
  const [first, ...others] = hops;
  const open: SshConnection[] = [];
  try {
    let last = await connectSsh({
      ...options,
      hop: first,
      transport: await options.dialer.connect(first.target, options),
    });
    open.push(last);
    for (const hop of others) {
      last = await connectSsh({ ...options, hop, transport: await through(last, hop, options) });
      open.push(last);
    }
    return { ...last, close: () => closeAll(open, clock) };
  } catch (error) {
    await closeAll(open, clock);
    throw error;
  } finally {
    for (const { credentials } of hops) credentials.forget();
  }
}

/** A connection from one host to the next, to an address that was checked here: the host does not look it up itself. */
async function through(from: SshConnection, { target }: Hop, options: ChainOptions): Promise<Duplex> {
  const { dialer, clock, trusted, signal } = options;
  const host = { ...from, clock, name: `the host before ${hostKeyId(target)}` };
  const leave = () => from.client.destroy(); // nothing else ends the wait for a host that does not answer
  signal.addEventListener("abort", leave, { once: true });
  let failure: unknown = null;
  try {
    for (const address of await dialer.addresses(target, trusted)) {
      signal.throwIfAborted();
      const connecting = openChannel(host, {
        what: "a connection to it",
        request: (client, done) => client.forwardOut("127.0.0.1", 0, address, target.port, done),
        begin: (channel) => channel,
      });
      const channel = await connecting.catch((error: unknown) => {
        failure = error;
      });
      if (channel) return channel;
    }
    signal.throwIfAborted();
    throw failure;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** The nearest host last: the others are reached through it. */
async function closeAll(connections: readonly SshConnection[], clock: Clock): Promise<void> {
  for (const { client, closed } of [...connections].reverse()) {
    const cancel = clock.after(FAREWELL_MS, () => client.destroy());
    client.end();
    await closed;
    cancel();
  }
}
