import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What went to a server while something was done. */
export interface Asked {
  readonly sent: string;
  /** How often what was sent had to wait for an answer: what goes out before the first answer is one trip. */
  readonly trips: number;
}

/** Passes on what a client sends and what its server answers, and counts the trips. */
export async function echoProxy(port: number) {
  let sent = "";
  let trips = 0;
  let answered = true;
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    sockets.push(client, upstream);
    client.on("data", (data) => {
      if (answered) trips++;
      answered = false;
      sent += data;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      answered = true;
      client.write(data);
    });
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has one
    async during(work: () => Promise<unknown>): Promise<Asked> {
      sent = "";
      trips = 0;
      answered = true;
      await work();
      return { sent, trips };
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
