import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Gateway } from "@sluice/core";
import { type ServeOptions, type Serving, serve } from "@sluice/node";
import { afterEach, expect, it } from "vitest";

const sockets: Socket[] = [];
let serving: Serving | undefined;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await serving?.close();
});

async function started(connections: ServeOptions["connections"]): Promise<number> {
  serving = await serve(new Gateway(), { host: "127.0.0.1", port: 0, drain: { acceptMs: 0 }, connections });
  return Number(new URL(serving.url).port);
}

/** Whether a connection is let in: it can ask something. */
async function asks(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n".replace("localhost", `localhost:${port}`));
  const [data] = await Promise.race([once(socket, "data"), once(socket, "close").then(() => [null])]);
  return data !== null;
}

it.each([
  ["of one address", { perAddress: 3 }],
  ["of everybody", { max: 3, perAddress: null }],
])("closes connections %s beyond the limit, and lets others in once one has gone", async (_whose, connections) => {
  const port = await started(connections);
  for (let count = 0; count < 3; count++) expect(await asks(port)).toBe(true);
  expect(await asks(port)).toBe(false);
  sockets[0]?.destroy();
  await expect.poll(() => asks(port)).toBe(true);
});
