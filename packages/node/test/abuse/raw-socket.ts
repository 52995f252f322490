import { connect, type Socket } from "node:net";
import { Gateway, type GatewayOptions } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { expect } from "vitest";

/** A served gateway whose bytes are written by hand. */
export interface Target {
  readonly port: number;
  readonly gateway: Gateway;
  /** Sends bytes on a fresh connection and reads one answer. */
  send(bytes: string | Buffer): Promise<RawAnswer>;
  /** Opens a connection and leaves it to the caller. */
  open(): Promise<Socket>;
  /** Fails unless the gateway still answers a plain request. */
  expectAlive(): Promise<void>;
  close(): Promise<void>;
}

/** An answer as it came off the wire. */
export interface RawAnswer {
  /** 0 when the connection was closed without one. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const SILENCE_MS = 30_000;

/** Serves a gateway on loopback, where only the simulator answers chats. */
export async function target(options: GatewayOptions = {}): Promise<Target> {
  // Hundreds of requests come from one address here, and it is not the limit that has to stop them.
  const gateway = new Gateway({ limits: { perIp: null }, ...options });
  const serving: Serving = await serve(gateway, { host: "127.0.0.1", port: 0, drain: { acceptMs: 0, finishMs: 500 } });
  const port = Number(new URL(serving.url).port);
  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket));
      socket.on("error", reject);
    });
  const send = async (bytes: string | Buffer) => {
    const socket = await open();
    socket.on("error", () => {}); // a reset is one of the answers
    socket.write(bytes);
    return await firstAnswer(socket);
  };
  return {
    port,
    gateway,
    open,
    send,
    close: () => serving.close(),
    async expectAlive() {
      expect(await send(request(port, "GET /livez"))).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    },
  };
}

/** The bytes of a well-formed request; `headers` replaces the usual ones by name. */
export function request(port: number, line: string, headers: Record<string, string> = {}, body = ""): string {
  const all = {
    host: `localhost:${port}`,
    ...(body === "" ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`${line} HTTP/1.1`, ...lines, "", body].join("\r\n");
}

/** Fails unless an answer is an error of one of these statuses in the documented shape. */
export function expectRefusal(answer: RawAnswer, ...statuses: readonly number[]): void {
  expect(statuses, answer.text).toContain(answer.status);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const body: unknown = JSON.parse(answer.text);
  expect(body).toEqual(
    Object.hasOwn(body as object, "details")
      ? { error: expect.any(String), details: expect.any(String) }
      : { error: expect.any(String) },
  );
}

/** The first final answer on a connection; interim ones (100) are passed over. */
export function firstAnswer(socket: Socket, silenceMs = SILENCE_MS): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const finish = (answer: RawAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(NO_ANSWER), silenceMs);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const answer = parse(received);
      if (answer) finish(answer);
    });
    socket.on("close", () => finish(parse(received) ?? NO_ANSWER));
  });
}

const NO_ANSWER: RawAnswer = { status: 0, headers: new Map(), text: "" };

function parse(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const rest = bytes.subarray(end + 4);
  if (status === 100) return parse(rest);
  const headers = new Map(lines.map((line) => split(line)));
  const body =
    headers.get("transfer-encoding") === "chunked" ? unchunk(rest) : sized(rest, headers.get("content-length"));
  return body && { status, headers, text: body.toString() };
}

function sized(rest: Buffer, length = "0"): Buffer | null {
  return rest.length < Number(length) ? null : rest.subarray(0, Number(length));
}

function unchunk(rest: Buffer): Buffer | null {
  if (!rest.toString("latin1").endsWith("0\r\n\r\n")) return null;
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = rest.indexOf("\r\n", at);
    const size = Number.parseInt(rest.subarray(at, end).toString(), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

function split(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
