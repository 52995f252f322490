import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { MountedGateway } from "./adapter.js";

/**
 * Serves an application on a free port of this machine, for a contract or any other test.
 * @param prefix - where the gateway is in it; it becomes part of `base`
 */
export async function listen(application: RequestListener, prefix = ""): Promise<MountedGateway> {
  const server = createServer(application);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    base: `http://127.0.0.1:${port}${prefix}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Adds what a proxy in front of an application would say of a caller. */
export function behindProxy(application: RequestListener, address = "203.0.113.7"): RequestListener {
  return (incoming: IncomingMessage, outgoing) => {
    const { host } = incoming.headers;
    Object.assign(incoming.headers, { "x-forwarded-for": address, "x-forwarded-host": host });
    application(incoming, outgoing);
  };
}
