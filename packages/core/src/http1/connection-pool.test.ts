import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fakeClock } from "@sluice/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../clock.js";
import { guardedLookup } from "../net-guard.js";
import type { Exchange, Receiver, UpstreamHeaders } from "../spec/provider.js";
import { ConnectionPool, type ConnectionPoolOptions } from "./connection-pool.js";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose every connection is in the test's hands. */
interface Listening {
  readonly port: number;
  next(): Promise<Socket>;
}

async function listening(server: Server = createServer(), event = "connection"): Promise<Listening> {
  const ready: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const all = new Set<Socket>();
  server.on(event, (socket: Socket) => {
    all.add(socket);
    socket.on("error", () => {});
    const take = waiting.shift();
    if (take) take(socket);
    else ready.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return {
    port: address.port,
    next() {
      const socket = ready.shift();
      return socket ? Promise.resolve(socket) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function pool(port: number, options: Partial<ConnectionPoolOptions> = {}, scheme = "http"): ConnectionPool {
  const made = new ConnectionPool({
    origin: new URL(`${scheme}://127.0.0.1:${port}`),
    clock: systemClock(),
    lookup: guardedLookup,
    connectMs: 10_000,
    ...options,
  });
  closing.push(() => made.destroy());
  return made;
}

/** What became of one request. */
class Watching implements Receiver {
  exchange: Exchange | null = null;
  status = 0;
  headers: UpstreamHeaders = {};
  body = "";
  readonly told: string[] = [];
  readonly #waiting: { readonly event: string; resolve(): void }[] = [];

  /** Resolves when `event` has come. */
  heard(event: string): Promise<void> {
    if (this.told.some((each) => isCalled(each, event))) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ event, resolve }));
  }

  onStart(exchange: Exchange): void {
    this.exchange = exchange;
    this.#tell("start");
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    this.status = status;
    this.headers = headers;
    this.#tell("headers");
  }

  onData(chunk: Buffer): void {
    this.body += chunk.toString();
    this.#tell("data");
  }

  onEnd(): void {
    this.#tell("end");
  }

  onError(cause: unknown): void {
    this.#tell(`error ${cause instanceof Error && "code" in cause ? cause.code : cause}`);
  }

  get failure(): string | undefined {
    return this.told.find((event) => isCalled(event, "error"));
  }

  #tell(event: string): void {
    this.told.push(event);
    for (const { event: wanted, resolve } of this.#waiting) if (isCalled(event, wanted)) resolve();
  }
}

/** Errors are waited for by their kind. */
function isCalled(event: string, name: string): boolean {
  return event === name || event.startsWith(`${name} `);
}

function send(to: ConnectionPool, body: string | Uint8Array | null = "{}"): Watching {
  const watching = new Watching();
  to.send({ head: "POST /v1 HTTP/1.1\r\nhost: test\r\n", body }, watching);
  return watching;
}

/** Reads one request, of which the end is known. */
async function request(socket: Socket, ends = "{}"): Promise<string> {
  let text = "";
  while (!text.endsWith(`\r\n\r\n${ends}`)) {
    const piece = socket.read();
    if (piece === null) await once(socket, "readable");
    else text += String(piece);
  }
  return text;
}

function answer(body: string, headers = ""): string {
  return `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A pool with one idle connection, and the server's side of it. */
async function afterOneAnswer(reply = answer("one"), options: Partial<ConnectionPoolOptions> = {}) {
  const server = await listening();
  const to = pool(server.port, options);
  const first = send(to);
  const socket = await server.next();
  await request(socket);
  socket.write(reply);
  await first.heard("end");
  return { server, to, first, socket };
}

describe("a request", () => {
  it.each([
    ["ASCII text", '{"a":"b"}', '{"a":"b"}'],
    ["other text", '{"a":"é€😀"}', '{"a":"é€😀"}'],
    ["bytes", Buffer.from([0x7b, 0x7d]), "{}"],
  ])("is written with the length of its %s", async (_name, body, text) => {
    const server = await listening();
    const sent = send(pool(server.port), body);
    const socket = await server.next();
    socket.setEncoding("utf8");
    expect(await request(socket, text)).toBe(
      `POST /v1 HTTP/1.1\r\nhost: test\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    socket.write(answer("yes"));
    await sent.heard("end");
    expect(sent).toMatchObject({ status: 200, body: "yes", told: ["start", "headers", "data", "end"] });
  });

  it("has no length without a body", async () => {
    const server = await listening();
    const sent = send(pool(server.port), null);
    const socket = await server.next();
    expect(await request(socket, "")).toBe("POST /v1 HTTP/1.1\r\nhost: test\r\n\r\n");
    socket.write(answer(""));
    await sent.heard("end");
  });
});

describe("a connection", () => {
  it("is used again once its answer has ended", async () => {
    const { to, first, socket } = await afterOneAnswer();
    const second = send(to);
    expect(second.told).toEqual(["start"]); // at once, on the connection there is
    await request(socket);
    socket.write(answer("two"));
    await second.heard("end");
    expect([first.body, second.body]).toEqual(["one", "two"]);
  });

  it("is one for each request at a time", async () => {
    const server = await listening();
    const to = pool(server.port);
    const sent = [send(to), send(to), send(to)];
    for (const _each of sent) {
      const socket = await server.next();
      await request(socket);
      socket.write(answer("own"));
    }
    await Promise.all(sent.map((each) => each.heard("end")));
  });

  it.each([
    ["says that it closes", answer("one", "connection: close\r\n")],
    ["lets it be idle for no time", answer("one", "keep-alive: timeout=1\r\n")],
    ["sends more than it was asked for", `${answer("one")}HTTP/1.1 200 OK\r\n`],
  ])("is not used again when the server %s", async (_name, reply) => {
    const { server, to } = await afterOneAnswer(reply);
    send(to);
    await request(await server.next());
  });

  it("is given up when something comes that nobody asked for", async () => {
    const { server, to, socket } = await afterOneAnswer();
    socket.write(answer("a trap"));
    await once(socket.resume(), "close");
    const second = send(to);
    const other = await server.next();
    await request(other);
    other.write(answer("two"));
    await second.heard("end");
    expect(second.body).toBe("two");
  });

  it("is forgotten when the server closes it while it is idle", async () => {
    const { server, to, socket } = await afterOneAnswer();
    socket.end();
    await once(socket.resume(), "close"); // our side has closed too
    send(to);
    await request(await server.next());
  });

  it("is not taken while it closes", async () => {
    const { server, to, socket } = await afterOneAnswer();
    const idle = vi.spyOn(to, "idle");
    const second = send(to);
    await request(socket);
    socket.write(answer("two"));
    await second.heard("end");
    const [connection] = idle.mock.calls[0] ?? [];
    connection?.received(Buffer.from("a trap"));
    send(to); // before the socket says that it is closed
    await request(await server.next());
  });

  it("keeps nothing of a request that is over", async () => {
    const server = await listening();
    const to = pool(server.port);
    let body: Uint8Array | null = Buffer.from("{}");
    const kept = new WeakRef(body);
    const ended = send(to, body).heard("end");
    body = null;
    const socket = await server.next();
    await request(socket);
    socket.write(answer("one"));
    await ended;
    while (kept.deref()) {
      await nextTurn(); // until when a reference is strong once it was read
      collectGarbage();
    }
    const second = send(to);
    expect(second.told).toEqual(["start"]); // the connection is still there
  });

  it("is closed when it has been idle too long", async () => {
    const clock = fakeClock();
    const { socket } = await afterOneAnswer(answer("one"), { clock });
    const closed = once(socket.resume(), "close");
    clock.advance(5_000);
    await closed;
  });

  it("is not used again when the answer comes before the request was sent whole", async () => {
    const server = await listening();
    const to = pool(server.port);
    const first = send(to, "x".repeat(16 * 1024 * 1024));
    (await server.next()).write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    await first.heard("end");
    expect(first.status).toBe(413);
    send(to);
    await request(await server.next());
  });

  it.each([
    ["closes it without an answer", "", "error UPSTREAM_CLOSED"],
    ["closes it within one", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", "error UPSTREAM_CLOSED"],
    ["cannot be understood", "220 smtp.example.com\r\n\r\n", "error BAD_HEAD"],
  ])("fails its request when the server %s", async (_name, text, failure) => {
    const server = await listening();
    const sent = send(pool(server.port));
    const socket = await server.next();
    await request(socket);
    socket.end(text);
    await sent.heard("error");
    expect(sent.failure).toBe(failure);
    expect(sent.told).not.toContain("end");
  });

  it("fails its request when it is reset", async () => {
    const server = await listening();
    const sent = send(pool(server.port));
    const socket = await server.next();
    await request(socket);
    socket.resetAndDestroy();
    await sent.heard("error");
    expect(sent.failure).toBe("error ECONNRESET");
  });

  it("ends an answer without a length", async () => {
    const server = await listening();
    const sent = send(pool(server.port));
    const socket = await server.next();
    await request(socket);
    socket.end("HTTP/1.1 200 OK\r\n\r\nall of it");
    await sent.heard("end");
    expect(sent.body).toBe("all of it");
  });
});

describe("a receiver that throws", () => {
  it.each(["onStart", "onHeaders", "onData", "onEnd"] as const)(
    "in %s hears of it, and of nothing else",
    async (moment) => {
      const server = await listening();
      const to = pool(server.port);
      const sent = new Watching();
      sent[moment] = () => {
        throw new Error("thrown");
      };
      to.send({ head: "POST /v1 HTTP/1.1\r\n", body: "{}" }, sent);
      const socket = await server.next();
      if (moment !== "onStart") {
        await request(socket);
        socket.write(answer("one"));
      }
      await sent.heard("error");
      const before = ["start", "headers", "data", "end"].slice(
        0,
        ["onStart", "onHeaders", "onData", "onEnd"].indexOf(moment),
      );
      expect(sent.told).toEqual([...before, "error Error: thrown"]);
    },
  );
});

describe("a request that is no longer wanted", () => {
  it("before it is sent leaves the connection to others", async () => {
    const server = await listening();
    const to = pool(server.port);
    const unwanted = new Watching();
    unwanted.onStart = (exchange) => exchange.abort(new Error("unwanted"));
    to.send({ head: "POST /unwanted HTTP/1.1\r\n", body: "{}" }, unwanted);
    const socket = await server.next();
    await unwanted.heard("error");
    const wanted = send(to);
    expect(await request(socket)).toMatch(/^POST \/v1 /);
    socket.write(answer("one"));
    await wanted.heard("end");
  });

  it.each(["start", "headers", "data"])("closes the connection after its %s", async (moment) => {
    const server = await listening();
    const to = pool(server.port);
    const sent = send(to);
    const socket = await server.next();
    await request(socket);
    if (moment !== "start") socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    if (moment === "data") socket.write("half");
    await sent.heard(moment);
    const closed = once(socket.resume(), "close");
    sent.exchange?.abort(new Error("left"));
    await closed;
    sent.exchange?.abort(new Error("again"));
    expect(sent.told.filter((event) => isCalled(event, "error"))).toEqual(["error Error: left"]);
    send(to);
    await request(await server.next());
  });

  it("hears nothing more of what came in the same read", async () => {
    const server = await listening();
    const to = pool(server.port);
    const sent = new Watching();
    sent.onData = (chunk) => {
      sent.body += chunk;
      sent.exchange?.abort(new Error("enough"));
    };
    to.send({ head: "POST / HTTP/1.1\r\n", body: "{}" }, sent);
    const socket = await server.next();
    await request(socket);
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    await sent.heard("error");
    expect(sent.body).toBe("a");
    expect(sent.told).toEqual(["start", "headers", "error Error: enough"]);
  });

  it("cannot touch the request that has its connection now", async () => {
    const { to, first, socket } = await afterOneAnswer();
    const second = send(to);
    first.exchange?.pause();
    first.exchange?.abort(new Error("late"));
    await request(socket);
    socket.write(answer("two"));
    await second.heard("end");
    expect(second.body).toBe("two");
  });
});

/** Writes an answer to a reader that pauses, and says what there was once another request has come and gone. */
async function pausedAnswer(to: ConnectionPool, server: Listening, total: number) {
  const sent = send(to);
  const socket = await server.next();
  await request(socket);
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
  await sent.heard("headers");
  let received = 0;
  sent.onData = (chunk) => {
    received += chunk.length;
  };
  sent.exchange?.pause();
  socket.write(Buffer.alloc(total, "x"));
  const other = send(to);
  const otherSocket = await server.next();
  await request(otherSocket);
  otherSocket.write(answer("meanwhile", "connection: close\r\n"));
  await other.heard("end");
  const early = received;
  const isHeldBack = socket.writableLength > 0;
  sent.exchange?.resume();
  await sent.heard("end");
  return { socket, early, isHeldBack, received };
}

describe("a slow reader", () => {
  it("holds the server back, and gets everything afterwards", async () => {
    const server = await listening();
    const total = 32 * 1024 * 1024;
    const { early, isHeldBack, received } = await pausedAnswer(pool(server.port), server, total);
    expect({ early, isHeldBack, received }).toEqual({ early: 0, isHeldBack: true, received: total });
  });
});

describe("a server that cannot be reached", () => {
  it("refuses", async () => {
    const sent = send(pool(1));
    await sent.heard("error");
    expect(sent.told).toEqual(["error ECONNREFUSED"]);
  });

  it("takes too long over TLS", async () => {
    const clock = fakeClock();
    const server = await listening();
    const sent = send(pool(server.port, { clock, connectMs: 1_000 }, "https"));
    await server.next(); // and says nothing
    clock.advance(1_000);
    await sent.heard("error");
    expect(sent.told).toEqual(["error CONNECT_TIMEOUT"]);
  });

  it("is not waited for once the pool is closed", async () => {
    const server = await listening();
    const to = pool(server.port, {}, "https");
    const connecting = send(to);
    await server.next();
    to.destroy();
    await connecting.heard("error");
    expect(send(to).told).toEqual(["error CLIENT_CLOSED"]);
  });
});

describe("over TLS", () => {
  const secure = () =>
    listening(
      createTlsServer({ key: KEY, cert: CERT }).on("tlsClientError", () => {}),
      "secureConnection",
    );

  it("refuses a certificate nobody vouches for", async () => {
    const { port } = await secure();
    const sent = send(pool(port, { origin: new URL(`https://localhost:${port}`) }));
    await sent.heard("error");
    expect(sent.told).toEqual(["error DEPTH_ZERO_SELF_SIGNED_CERT"]);
  });

  it("refuses a certificate of another name", async () => {
    const { port } = await secure();
    const sent = send(pool(port, { ca: CERT }, "https"));
    await sent.heard("error");
    expect(sent.told).toEqual(["error ERR_TLS_CERT_ALTNAME_INVALID"]);
  });

  it("answers, holds the server back, and is used again", async () => {
    const server = await secure();
    const to = pool(server.port, { origin: new URL(`https://localhost:${server.port}`), ca: CERT });
    const total = 32 * 1024 * 1024;
    const { socket, early, isHeldBack, received } = await pausedAnswer(to, server, total);
    expect(early).toBeLessThan(1024 * 1024); // what TLS had read before the pause may still come
    expect({ isHeldBack, received }).toEqual({ isHeldBack: true, received: total });
    const second = send(to);
    expect(second.told).toEqual(["start"]);
    await request(socket);
    socket.write(answer("two"));
    await second.heard("end");
    expect(second.body).toBe("two");
  });
});

/** Of `localhost`, signed by itself; good for a hundred years and for nothing else. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb33DryXDx5d0qcrN
fET2VRTzdB/Xc5gAq7H7PBlJz2+hRANCAAT/1pH8yGRqOj+spfWomjRf6IB1OWig
hyFbrvg4uPXwPPI0y/UD+GeLIpvtstuw59eZGi0FKcRNUZ0BPAWfpQLl
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUKSn6YtGylGTipDe/PowugYj23bcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE1MjYzNFoYDzIxMjYxMTAy
MTUyNjM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT/1pH8yGRqOj+spfWomjRf6IB1OWighyFbrvg4uPXwPPI0y/UD+GeL
Ipvtstuw59eZGi0FKcRNUZ0BPAWfpQLlo2kwZzAdBgNVHQ4EFgQUTD75UjnCsVsA
3wafFY2If1xi81cwHwYDVR0jBBgwFoAUTD75UjnCsVsA3wafFY2If1xi81cwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgUh1itq8PIQXJNUPO9YTJogA3dNJeL7lIXH8a/agRPaECIQCAsrI3tYlV
yA/NORtY0s6Tk36oI8Qdzft5oWFu90aKBQ==
-----END CERTIFICATE-----`;
