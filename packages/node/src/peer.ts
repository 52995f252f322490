import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Peer } from "@sluice/core";

const peers = new WeakMap<Socket, Peer>();

/** What the socket tells of who is at the other end: one object for all requests of a connection. */
export function peerOf({ socket }: IncomingMessage): Peer {
  const known = peers.get(socket);
  if (known) return known;
  const peer = peerOn(socket);
  peers.set(socket, peer);
  return peer;
}

function peerOn(socket: Socket): Peer {
  return {
    connection: socket,
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
