import { createServer } from "node:net";
import { fakeClock } from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayError } from "../../../errors.js";
import { systemResolve } from "../../../net-guard.js";
import { GatewayConfig } from "../../../schemas/options.js";
import { Dialer } from "./dialer.js";
import { Reach } from "./reach.js";

const server = createServer((socket) => socket.on("error", () => {}).end("hello"));
let open = 0;
let closed = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open = (server.address() as { port: number }).port; // a TCP server has a port
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  closed = (gone.address() as { port: number }).port;
  await new Promise((resolve) => gone.close(resolve));
});
afterAll(() => void server.close());

function dialer(clock = fakeClock()) {
  const { terminal } = GatewayConfig.parse({ terminal: { allowHosts: ["127.0.0.1"], ports: [open, closed] } });
  return { clock, dialer: new Dialer(new Reach({ config: terminal, resolve: systemResolve }), clock) };
}

function options(owner = "somebody", signal = new AbortController().signal) {
  return { owner, trusted: false, signal };
}

/** Lets a failure wait out its least time. */
async function failure(clock: ReturnType<typeof fakeClock>, connecting: Promise<unknown>): Promise<GatewayError> {
  const failed = connecting.then(
    () => expect.unreachable("it connected"),
    (error: GatewayError) => error,
  );
  for (;;) {
    const error = await Promise.race([failed, new Promise<null>((resolve) => setImmediate(resolve, null))]);
    if (error) return error;
    if (clock.pending > 0) clock.advance(300);
  }
}

describe("a connection", () => {
  it("is made to a host that is open", async () => {
    const socket = await dialer().dialer.connect({ host: "127.0.0.1", port: open }, options());
    expect(socket.remotePort).toBe(open);
    socket.destroy();
  });

  it("that is refused fails no sooner than 300 ms", async () => {
    const { clock, dialer: dials } = dialer();
    const error = await failure(clock, dials.connect({ host: "127.0.0.1", port: closed }, options()));
    expect(error).toMatchObject({ code: "remote_failed", details: `127.0.0.1 could not be reached on port ${closed}` });
    expect(clock.monotonic()).toBe(300);
  });

  it("fails ten times a minute at most, for each owner by itself", async () => {
    const { clock, dialer: dials } = dialer();
    const target = { host: "127.0.0.1", port: closed };
    for (let round = 0; round < 10; round++) await failure(clock, dials.connect(target, options()));
    const refused = { code: "rate_limit_exceeded", retryAfterMs: 60_000 - 9 * 300 - 300 };
    await expect(dials.connect({ ...target, port: open }, options())).rejects.toMatchObject(refused);
    expect(await failure(clock, dials.connect(target, options("else")))).toMatchObject({ code: "remote_failed" });
    clock.advance(60_000);
    (await dials.connect({ ...target, port: open }, options())).destroy();
  });

  it("that is forbidden is no failure of the network", async () => {
    const { clock, dialer: dials } = dialer();
    for (let round = 0; round < 12; round++) {
      const error = await failure(clock, dials.connect({ host: "127.0.0.2", port: open }, options()));
      expect(error.code).toBe("forbidden");
    }
  });

  it("ends with the signal's reason", async () => {
    const { dialer: dials } = dialer();
    const reason = new GatewayError("remote_timeout");
    const connecting = dials.connect({ host: "127.0.0.1", port: open }, options("me", AbortSignal.abort(reason)));
    await expect(connecting).rejects.toBe(reason);
  });
});
