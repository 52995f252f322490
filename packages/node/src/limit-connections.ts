import type { Server } from "node:http";
import type { Socket } from "node:net";

/** How many connections may be open at once. */
export interface ConnectionLimits {
  /** Of everybody together. @defaultValue 4,096 */
  readonly max?: number | undefined;
  /** Of one address; null where a proxy in front has all of them. @defaultValue 2,048 */
  readonly perAddress?: number | null | undefined;
}

const MAX_CONNECTIONS = 4_096;
/** Half of all: a burst of a thousand requests from one client is answered, with 429 where it has to be, and not cut off. */
const MAX_PER_ADDRESS = 2_048;

/** Closes at once what comes in beyond the limits, so that nobody can use up the file descriptors of the process. */
export function limitConnections(
  server: Server,
  { max = MAX_CONNECTIONS, perAddress = MAX_PER_ADDRESS }: ConnectionLimits,
): void {
  server.maxConnections = max;
  if (perAddress === null) return;
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.on("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > perAddress) socket.destroy();
  });
}
