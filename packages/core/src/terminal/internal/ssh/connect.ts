import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { hostKeyId } from "../../../schemas/host-key.js";
import { fingerprintOf } from "../host-keys/host-key.js";
import type { HostKeys, HostKeyTrust } from "../host-keys/host-keys.js";
import type { Target } from "../reach/reach.js";
import { algorithms } from "./algorithms.js";
import type { Credentials } from "./credentials.js";
import { connectionLost, sshFailure } from "./failures.js";
import type { Ssh2 } from "./peer.js";

/** How many signs of life in a row may stay without an answer. */
const MAX_UNANSWERED = 3;

/** One host of the way. */
export interface Hop {
  readonly target: Target;
  readonly credentials: Credentials;
  readonly trust: HostKeyTrust;
}

/** Options of {@link connectSsh}. */
export interface ConnectSshOptions {
  readonly ssh2: Ssh2;
  readonly hop: Hop;
  /** A connection to the host's SSH port, which this owns from now on. */
  readonly transport: Duplex;
  readonly hostKeys: HostKeys;
  readonly keepaliveMs: number;
  /** Ends the attempt; its reason is what is thrown. */
  readonly signal: AbortSignal;
}

/** A host that one is logged in to. */
export interface SshConnection {
  readonly client: Client;
  readonly fingerprint: string;
  /** Resolves when the connection has ended, in whatever way. */
  readonly closed: Promise<void>;
  /** Whether it has ended. */
  isClosed(): boolean;
}

/**
 * Logs in over a connection that stands. The host's key is judged before the login begins.
 * @throws GatewayError `host_key_changed`, `host_key_refused`, `remote_auth_failed`, `remote_failed`, `remote_timeout`
 */
export async function connectSsh(options: ConnectSshOptions): Promise<SshConnection> {
  const { hop, transport, hostKeys, signal } = options;
  transport.on("error", () => {}); // the library reports it too, once it listens
  try {
    const knownTypes = await hostKeys.knownTypes(hop.target, hop.trust);
    return await login(options, knownTypes);
  } catch (error) {
    transport.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

function login(options: ConnectSshOptions, knownTypes: readonly string[]): Promise<SshConnection> {
  const { ssh2, hop, transport, hostKeys, keepaliveMs, signal } = options;
  const { target, credentials, trust } = hop;
  const name = hostKeyId(target);
  const client = new ssh2.Client();
  let fingerprint = "";
  let refusal: unknown = null;
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => {
      isClosed = true;
      resolve();
    });
  });

  return new Promise((resolve, reject) => {
    const leave = () => fail(signal.reason);
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", leave);
      reject(sshFailure(refusal ?? error, name, credentials.unanswered));
      client.destroy();
    };
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    client.on("error", fail); // for as long as it lives; what comes after the login shows in its end
    void closed.then(() => fail(connectionLost(name)));
    client.once("ready", () => {
      signal.removeEventListener("abort", leave);
      resolve({ client, fingerprint, closed, isClosed: () => isClosed });
    });
    client.connect({
      sock: transport,
      username: credentials.username,
      authHandler: credentials.authHandler(),
      algorithms: algorithms(knownTypes),
      readyTimeout: 0, // the signal says when
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: MAX_UNANSWERED,
      hostVerifier: (blob: Buffer, verify: (valid: boolean) => void) => {
        fingerprint = fingerprintOf({ blob });
        const judged = hostKeys.check(target, blob, trust).then(
          () => verify(true),
          (error: unknown) => {
            refusal = error;
            verify(false);
          },
        );
        judged.catch(fail); // the library goes on where it is told, and may fail there
      },
    });
  });
}
