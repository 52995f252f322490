import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@sluice/testkit";
import { temporaryDirectory } from "./temporary-directory.js";

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const DOCUMENTED = fileURLToPath(new URL("../../../docs/deploy/nginx.conf", import.meta.url));
/** The host that callers use. */
export const PUBLIC_HOST = "gateway.example";

/** Whether there is an nginx, so that tests that need one can be skipped by name where there is none. */
export function hasNginx(): boolean {
  return spawnSync("nginx", ["-v"], { env: { PATH } }).status === 0;
}

/** An nginx that runs. */
export interface DocumentedNginx {
  readonly port: number;
  /** What it has complained of so far. */
  log(): string;
  close(): Promise<void>;
}

/** Runs the documented file, with the ports of a test. */
export async function documentedNginx(gateways: readonly { readonly url: string }[]): Promise<DocumentedNginx> {
  const directory = temporaryDirectory();
  const port = await freePort();
  const [one = "", two = ""] = gateways.map(({ url }) => new URL(url).port);
  const server = readFileSync(DOCUMENTED, "utf8")
    .replace("gateway-1:3000", `127.0.0.1:${one}`)
    .replace("gateway-2:3000", `127.0.0.1:${two}`)
    .replace("listen 80;", `listen 127.0.0.1:${port};`);
  writeFileSync(join(directory, "server.conf"), server);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const http = `access_log off; ${paths.join(" ")} include ${join(directory, "server.conf")};`;
  const main = `pid ${join(directory, "pid")}; error_log stderr; events {} http { ${http} }`;
  writeFileSync(join(directory, "nginx.conf"), main);
  const words = ["-p", directory, "-c", join(directory, "nginx.conf"), "-g", "daemon off;"];
  const child = spawn("nginx", words, { env: { PATH }, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr?.on("data", (text) => {
    log += text;
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(log);
    const incoming = await call(port, { from: "127.0.0.9", path: "/readyz" }).catch(() => null);
    incoming?.resume();
    if (incoming?.statusCode === 200) break;
    await sleep(20);
  }
  return {
    port,
    log: () => log,
    async close() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** What to send through nginx. */
export interface Sent {
  /** The address of loopback to call from. */
  readonly from: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a chat. */
  readonly chat?: object;
  /** Where to. @defaultValue the list of models, or chats */
  readonly path?: string;
  /** Makes it a POST. */
  readonly body?: object;
}

/** The head of the answer. */
export async function call(
  port: number,
  { from, headers = {}, chat, body = chat, ...sent }: Sent,
): Promise<IncomingMessage> {
  const outgoing = request({
    port,
    host: "127.0.0.1",
    localAddress: from,
    method: body ? "POST" : "GET",
    path: sent.path ?? (chat ? "/v1/chat/completions" : "/v1/models"),
    headers: { host: PUBLIC_HOST, ...(body ? { "content-type": "application/json" } : {}), ...headers },
  });
  outgoing.end(body ? JSON.stringify(body) : undefined);
  const [incoming] = await once(outgoing, "response");
  return incoming as IncomingMessage; // what "response" comes with
}

/** Status and body of the whole answer. */
export async function whole(port: number, sent: Sent): Promise<{ readonly status: number; readonly body: unknown }> {
  const incoming = await call(port, sent);
  let text = "";
  for await (const part of incoming) text += part;
  const isJson = incoming.headers["content-type"]?.startsWith("application/json");
  return { status: incoming.statusCode ?? 0, body: isJson ? JSON.parse(text) : text };
}
