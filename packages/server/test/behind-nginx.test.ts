import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const hasNginx = spawnSync("nginx", ["-v"], { env: { PATH } }).status === 0;
const DOCUMENTED = fileURLToPath(new URL("../../../docs/deploy/nginx.conf", import.meta.url));

describe.skipIf(!hasNginx)(`the documented nginx${hasNginx ? "" : " (needs nginx)"}`, () => {
  let upstream: ScriptedUpstream;
  let gateways: readonly ServerProcess[];
  let nginx: ChildProcess;
  let port: number;

  beforeAll(async () => {
    upstream = await scriptedUpstream();
    const environment = {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      SLUICE_TRUST_PROXY: "1",
      SLUICE_PUBLIC_HOSTS: "gateway.example",
      SLUICE_LIMITS_PER_IP_LIMIT: "8",
    };
    gateways = await Promise.all([runServer(environment), runServer(environment)]);
    port = await freePort();
    nginx = await started(port, gateways);
  }, 60_000);

  afterAll(async () => {
    nginx.kill("SIGTERM");
    if (nginx.exitCode === null) await once(nginx, "exit");
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    await upstream.close();
  });

  it("passes streams on as they come", async () => {
    const door = gate();
    upstream.enqueue(openai.stream(["first", door, "second"]));
    const incoming = await call(port, { from: "127.0.0.5", body: { stream: true, messages: HELLO } });
    expect(incoming.statusCode).toBe(200);
    let text = "";
    incoming.on("data", (data) => {
      text += data;
    });
    await expect.poll(() => text).toContain("first");
    expect(text).not.toContain("second");
    door.open();
    await once(incoming, "end");
    expect(text).toContain("second");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("tells callers apart, whatever they say of themselves", async () => {
    const statuses = async (from: string, forged: (index: number) => string) => {
      const found: (number | undefined)[] = [];
      for (let index = 0; index < 20; index++) {
        const incoming = await call(port, { from, headers: { "x-forwarded-for": forged(index) } });
        incoming.resume();
        await once(incoming, "end");
        found.push(incoming.statusCode);
      }
      return found;
    };
    // Two gateways that do not know of each other admit 8 each.
    const one = await statuses("127.0.0.6", (index) => `203.0.113.${index}`);
    expect(one.filter((status) => status === 200)).toHaveLength(16);
    const other = await statuses("127.0.0.7", () => "127.0.0.6");
    expect(other.filter((status) => status === 200)).toHaveLength(16);
  });

  it("goes on with the other gateway when one is killed", async () => {
    await gateways[0]?.kill();
    for (let count = 0; count < 4; count++) {
      const incoming = await call(port, { from: "127.0.0.8" });
      incoming.resume();
      expect(incoming.statusCode).toBe(200);
    }
  });
});

const HELLO = [{ role: "user", content: "Hello!" }];

interface Sent {
  /** The address of loopback to call from. */
  readonly from: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a chat. */
  readonly body?: object;
}

async function call(port: number, { from, headers = {}, body }: Sent) {
  const outgoing = request({
    port,
    host: "127.0.0.1",
    localAddress: from,
    method: body ? "POST" : "GET",
    path: body ? "/v1/chat/completions" : "/v1/models",
    headers: { host: "gateway.example", ...(body ? { "content-type": "application/json" } : {}), ...headers },
  });
  outgoing.end(body ? JSON.stringify(body) : undefined);
  const [incoming] = await once(outgoing, "response");
  return incoming as IncomingMessage; // what "response" comes with
}

/** Runs the documented file, with the ports of this test. */
async function started(port: number, gateways: readonly ServerProcess[]): Promise<ChildProcess> {
  const directory = temporaryDirectory();
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
    const incoming = await call(port, { from: "127.0.0.9" }).catch(() => null);
    incoming?.resume();
    if (incoming?.statusCode === 200) return child;
    await sleep(20);
  }
}
