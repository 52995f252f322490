import type { Client, ClientChannel } from "ssh2";
import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import { connectionLost } from "./failures.js";

/** A host that one is logged in to. */
export interface RemoteHost {
  readonly client: Client;
  /** The host, as messages name it. */
  readonly name: string;
  readonly clock: Clock;
  /** Whether the connection has ended. */
  isClosed(): boolean;
}

type Done<Channel> = (error: Error | undefined, channel: Channel) => void;

/**
 * Opens a channel to something on the host.
 * @param what - what it leads to, as in: the host refused a shell
 * @throws GatewayError `remote_failed`
 */
export function openChannel<Channel = ClientChannel>(
  { client, name, isClosed }: RemoteHost,
  what: string,
  request: (client: Client, done: Done<Channel>) => unknown,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      const details = `${name} refused ${what}`;
      const refused = new GatewayError("remote_failed", { details, upstreamCode: "SSH_REFUSED", cause });
      reject(isClosed() ? connectionLost(name, cause) : refused);
    };
    try {
      request(client, (error, channel) => (error ? fail(error) : resolve(channel)));
    } catch (cause) {
      reject(connectionLost(name, cause)); // the library throws when there is no connection
    }
  });
}
