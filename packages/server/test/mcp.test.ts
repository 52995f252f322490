import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, it } from "vitest";
import { runServer } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

let connected: Client[] = [];
afterEach(async () => {
  await Promise.all(connected.map((client) => client.close()));
  connected = [];
});

interface Stdio {
  readonly client: Client;
  readonly pid: number;
  /** What the server has logged. */
  log(): string;
  call(name: string, input: Record<string, unknown>): Promise<Record<string, unknown>>;
}

async function connect(directory: string, env: Record<string, string> = {}): Promise<Stdio> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, "mcp"],
    cwd: directory,
    env: { PATH: process.env.PATH ?? "", ...env },
    stderr: "pipe",
  });
  let log = "";
  transport.stderr?.on("data", (text) => {
    log += text;
  });
  const client = new Client({ name: "test", version: "1" }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
    action: "accept",
    content: { decision: params.message.includes("echo") ? "once" : "deny" },
  }));
  connected.push(client);
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    log: () => log,
    async call(name, input) {
      const { structuredContent, isError } = await client.callTool({ name, arguments: input });
      return { ...(structuredContent as object), isError };
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("sluice mcp", () => {
  it("serves the models to the SDK's own client, and nothing else unless it is named", async () => {
    const { client, call } = await connect(temporaryDirectory());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["list_models", "chat"]);
    expect(await call("chat", { prompt: "Hello stdio" })).toMatchObject({
      isError: false,
      text: expect.stringContaining("Hello stdio"),
    });
  });

  it("serves the terminals that are named, allows by rule, asks about the rest, and leaves nothing running", async () => {
    const directory = temporaryDirectory();
    const mcp = { terminals: { local: { type: "local", cwd: directory } }, allow: ["pwd"] };
    writeFileSync(join(directory, "sluice.config.json"), JSON.stringify({ mcp }));
    const { client, call, pid } = await connect(directory);
    expect(await call("terminal_execute", { command: "pwd" })).toMatchObject({ stdout: `${directory}\n`, exitCode: 0 });
    expect(await call("terminal_execute", { command: "echo $((1 + 1))" })).toMatchObject({ stdout: "2\n" });
    expect(await call("terminal_execute", { command: "touch ran" })).toMatchObject({ isError: true });
    expect(readdirSync(directory)).not.toContain("ran");
    const { stdout } = await call("terminal_execute", { command: "sleep 300 & echo $!" });
    expect(isAlive(Number(stdout))).toBe(true);
    await client.close();
    await expect.poll(() => [isAlive(pid), isAlive(Number(stdout))], { timeout: 20_000 }).toEqual([false, false]);
  });

  it("works beside a server on the same data, and sees its models", async () => {
    const directory = temporaryDirectory();
    const server = await runServer({}, directory);
    try {
      const model = { id: "mine", provider: "simulator", apiModelName: "simulator", layer: "L0" };
      await fetch(`${server.url}/v1/models`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(model),
      });
      const { call } = await connect(directory);
      const { models } = (await call("list_models", {})) as { models?: { id: string }[] };
      expect(models?.map(({ id }) => id)).toContain("mine");
    } finally {
      await server.kill();
    }
  });

  it("says on standard error what is wrong with its configuration, and ends", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "sluice.config.json"), JSON.stringify({ mcp: { allow: ["bash"] } }));
    const child = spawn(process.execPath, [CLI, "mcp"], { cwd: directory, env: { PATH: process.env.PATH } });
    let [out, log] = ["", ""];
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      log += text;
    });
    const [code] = await once(child, "close");
    expect([code, out]).toEqual([78, ""]);
    expect(log).toMatch(/^sluice: mcp\.allow: "bash" cannot be allowed/);
  });
});
