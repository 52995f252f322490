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

/** A channel that is wanted. */
export interface ChannelRequest<Channel, Opened> {
  /** What it leads to, as in: the host refused a shell. */
  readonly what: string;
  request(client: Client, done: Done<Channel>): unknown;
  /**
   * Begins to use the channel. Called where the library tells of it, which reads on at once: whoever listened only after
   * a promise would miss the end of a short command.
   */
  begin(channel: Channel): Opened;
}

/** @throws GatewayError `remote_failed` */
export function openChannel<Opened, Channel = ClientChannel>(
  { client, name, isClosed }: RemoteHost,
  { what, request, begin }: ChannelRequest<Channel, Opened>,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      const details = `${name} refused ${what}`;
      const refused = new GatewayError("remote_failed", { details, upstreamCode: "SSH_REFUSED", cause });
      reject(isClosed() ? connectionLost(name, cause) : refused);
    };
    try {
      request(client, (error, channel) => (error ? fail(error) : resolve(begin(channel))));
    } catch (cause) {
      reject(connectionLost(name, cause)); // the library throws when there is no connection
    }
  });
}
