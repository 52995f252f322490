import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";

/** A Redis of a test's own, which it may do to what it likes. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  /** Sends one command and resolves with Redis's answer as it came off the wire. */
  command(...words: readonly string[]): Promise<string>;
  /** Stops it from answering, as a machine does that swaps: connections stay. */
  freeze(): void;
  /** Goes on after {@link freeze}. */
  thaw(): void;
  /** Ends the process. */
  stop(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Ends it for good and removes its directory. */
  close(): Promise<void>;
}

/** Whether a `redis-server` is installed, so that tests that need one can be skipped by name where none is. */
export function hasRedis(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** Starts a Redis in memory on a free port of loopback. @param lines more lines of its configuration; one that begins with `sentinel` makes it a sentinel */
export async function redisServer(lines: readonly string[] = []): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const file = join(directory, "redis.conf"); // a sentinel writes what it learns into its file
    const usual = [`port ${port}`, "bind 127.0.0.1", `dir ${directory}`, 'save ""', "appendonly no"];
    await writeFile(file, [...usual, ...lines, ""].join("\n"));
    const isSentinel = lines.some((line) => line.startsWith("sentinel "));
    const started = spawn("redis-server", [file, ...(isSentinel ? ["--sentinel"] : [])], { stdio: "ignore" });
    child = started;
    await waitFor(async () => {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
      const answer = await command("PING");
      if (!answer.startsWith("+PONG")) throw new Error(`what listens on port ${port} is no Redis: ${answer}`);
    });
  }

  async function stop(): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  }

  function command(...words: readonly string[]): Promise<string> {
    return send(port, words);
  }

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    stop,
    start,
    async close() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One command over a connection of its own. */
function send(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      text += data;
      if (endOfReply(text, 0) < 0) return;
      resolve(text);
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("Redis closed the connection")));
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${parts.join("")}`);
  });
}

/** Where a reply that starts at `start` ends; -1 while it is not all there (the RESP2 protocol). */
function endOfReply(text: string, start: number): number {
  const lineEnd = text.indexOf("\r\n", start);
  if (lineEnd < 0) return -1;
  const length = Number(text.slice(start + 1, lineEnd));
  let end = lineEnd + 2;
  if (text[start] === "$" && length >= 0) end += length + 2;
  if (text[start] === "*") {
    for (let item = 0; item < length && end >= 0; item++) end = endOfReply(text, end);
  }
  return end <= text.length ? end : -1;
}

const RETRY_MS = 20;
const GIVE_UP_MS = 10_000;

async function waitFor(attempt: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + GIVE_UP_MS;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
