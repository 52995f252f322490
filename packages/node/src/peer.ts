import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Peer } from "@sluice/core";

/** What the socket tells of who is at the other end. */
export function peerOf({ socket }: IncomingMessage): Peer {
  return {
    address: socket.remoteAddress ?? "",
    remotePort: socket.remotePort,
    localPort: socket.localPort,
    listensOn: () => listeningAddress(socket),
    encrypted: (socket as TLSSocket).encrypted === true, // undefined on a plain socket
  };
}

/** Node.js keeps the server at each socket it has accepted, but does not say so in its types. */
function listeningAddress(socket: Socket & { readonly server?: Server }): string | null {
  const address = socket.server?.address();
  return typeof address === "object" && address !== null ? address.address : null;
}
