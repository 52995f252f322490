import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const ROUNDS = 10;
const CALLERS = 32;
/** Answers before each kill. */
const ANSWERS = 500;

let upstream: ScriptedUpstream;
const children: ChildProcess[] = [];

beforeAll(async () => {
  upstream = await scriptedUpstream();
  upstream.respond(({ json }) => {
    const { stream } = json as { stream?: boolean };
    return stream ? openai.stream(["one ", "two"], { usage: true }) : openai.completion({ content: "one two" });
  });
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await upstream.close();
});

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly gone: Promise<number | null>;
}

function start(home: string, dataDir = join(home, "data")): Promise<Server> {
  writeFileSync(
    join(home, "sluice.config.json"),
    JSON.stringify({
      providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
      models: [
        { id: "m", provider: "vendor", apiModelName: "m", layer: "L0", price: { inputPerMTok: 1, outputPerMTok: 2 } },
      ],
      limits: { perIp: null, perKey: null },
      logLevel: "error",
    }),
  );
  const child = spawn(process.execPath, [CLI, "--port", "0", "--data-dir", dataDir], {
    cwd: home,
    env: { PATH: process.env.PATH },
  });
  children.push(child);
  const gone = new Promise<number | null>((resolve) => child.on("close", resolve));
  return new Promise((resolve, reject) => {
    let out = "";
    const hear = (text: Buffer) => {
      out += text;
      const url = /listens on (\S+)/.exec(out)?.[1];
      if (url) resolve({ child, url, gone });
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    void gone.then((code) => reject(new Error(`exited ${code}: ${out}`)));
  });
}

/** Asks once; the request's id where the answer came whole. */
async function ask(url: string, stream: boolean, signal?: AbortSignal): Promise<string | null> {
  const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "Hello!" }] });
  const headers = { "content-type": "application/json" };
  try {
    const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body, signal: signal ?? null });
    const text = await answer.text();
    const whole = answer.status === 200 && (!stream || text.endsWith("data: [DONE]\n\n"));
    return whole ? answer.headers.get("x-sluice-request-id") : null;
  } catch {
    return null; // the connection broke
  }
}

/** Asks without a pause, by many callers at once, until told to stop. */
function load(url: string): { readonly acknowledged: readonly string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  let stopped = false;
  const caller = async (number: number) => {
    for (let count = number; !stopped; count++) {
      const id = await ask(url, count % 2 === 0);
      if (id !== null) acknowledged.push(id);
    }
  };
  const callers = Array.from({ length: CALLERS }, (_none, number) => caller(number));
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await Promise.all(callers);
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly calls: number;
}

async function everyRequest(url: string): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let before: string | null = ""; before !== null; ) {
    const page = await fetch(`${url}/v1/requests?limit=1000${before === "" ? "" : `&before=${before}`}`);
    const { data, nextCursor } = (await page.json()) as { data: Listed[]; nextCursor: string | null };
    all.push(...data);
    before = nextCursor;
  }
  return all;
}

describe("usage of a server", () => {
  it("is neither lost nor doubled when it is killed under load, ten times", async () => {
    const home = temporaryDirectory();
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { child, url, gone } = await start(home);
      const running = load(url);
      await until(() => running.acknowledged.length >= ANSWERS);
      child.kill("SIGKILL");
      await running.stop();
      await gone;
      acknowledged.push(...running.acknowledged);
    }
    const { child, url, gone } = await start(home);
    const ids = new Set(acknowledged);
    let listed = await everyRequest(url);
    // What the last one left is read in the background.
    while (listed.filter(({ id }) => ids.has(id)).length < ids.size && existsSync(join(home, "data", "journal"))) {
      const before = listed.length;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      listed = await everyRequest(url);
      if (listed.length === before) break;
    }
    const found = listed.filter(({ id }) => ids.has(id));
    expect(ids.size).toBeGreaterThanOrEqual(ROUNDS * ANSWERS);
    expect(found).toHaveLength(ids.size);
    expect(found.filter(({ status, calls }) => status !== "finished" || calls !== 1)).toEqual([]);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
  });

  it("is all in the store when it is told to end under load", async () => {
    const home = temporaryDirectory();
    const { child, url, gone } = await start(home);
    const running = load(url);
    await until(() => running.acknowledged.length >= ANSWERS);
    child.kill("SIGTERM");
    await running.stop();
    expect(await gone).toBe(0);
    const acknowledged = new Set(running.acknowledged);
    const again = await start(home);
    const found = (await everyRequest(again.url)).filter(({ id }) => acknowledged.has(id));
    expect(found).toHaveLength(acknowledged.size);
    expect(found.every(({ status, calls }) => status === "finished" && calls === 1)).toBe(true);
    again.child.kill("SIGKILL");
    await again.gone;
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)("costs no answer on a full disk, and says so (needs root, to mount a small one)", async () => {
    const home = temporaryDirectory();
    const small = join(home, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
    try {
      const { child, url, gone } = await start(home, small);
      let answered = 0;
      for (let round = 0; round < 60; round++) {
        const ids = await Promise.all(Array.from({ length: 50 }, () => ask(url, false)));
        answered += ids.filter((id) => id !== null).length;
      }
      expect(answered).toBe(3_000);
      const health = (await (await fetch(`${url}/health`)).json()) as { status: string };
      expect(health.status).toBe("degraded");
      child.kill("SIGKILL");
      await gone;
    } finally {
      execFileSync("umount", [small]);
    }
  });
});
