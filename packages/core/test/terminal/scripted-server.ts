import { createServer, type Socket } from "node:net";

/** A TCP server that says what a test wants and keeps what it hears. */
export interface ScriptedServer {
  readonly port: number;
  /** Everything it has heard. */
  readonly received: Buffer;
  /** Connections that stand. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** Starts a server on a free port. */
export async function scriptedServer(serve: (socket: Socket) => unknown): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the other end breaks off
    socket.on("data", (bytes) => heard.push(bytes));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port, // a TCP server has a port
    get received() {
      return Buffer.concat(heard);
    },
    get connections() {
      return sockets.size;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
