import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const PRICE = {
  provider: "vendor",
  model: "m",
  asOf: "2026-11-01",
  source: "https://vendor.example/prices",
  inputPerMTok: 3,
  outputPerMTok: 7,
};

let upstream: ScriptedUpstream;
let directory: string;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  upstream = await scriptedUpstream();
  upstream.always(openai.completion({ usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } }));
});
afterEach(() => Promise.all(servers.splice(0).map((server) => server.kill())));
afterAll(() => upstream.close());

async function started(): Promise<ServerProcess> {
  const config = {
    providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
    models: [{ id: "mine", provider: "vendor", apiModelName: "m", layer: "L0" }],
  };
  writeFileSync(join(directory, "sluice.config.json"), JSON.stringify(config));
  const server = await runServer({ DATA_DIR: "data" }, directory);
  servers.push(server);
  return server;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `sluice prices update --from` a file with this text in it. */
function update(text: string | null): Promise<Ended> {
  const file = join(directory, "list.json");
  if (text !== null) writeFileSync(file, text);
  return new Promise((resolve) => {
    const words = [CLI, "prices", "update", ...(text === null ? [] : ["--from", file])];
    const options = { cwd: directory, env: { PATH: process.env.PATH, DATA_DIR: "data" } };
    const child = execFile(process.execPath, words, options, (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

async function ask({ url }: ServerProcess): Promise<{ readonly id: string; readonly cost: string | null }> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "mine", messages: [{ role: "user", content: "Hello!" }] }),
  });
  await answer.text();
  return { id: answer.headers.get("x-sluice-request-id") ?? "", cost: answer.headers.get("x-sluice-cost-usd") };
}

async function get({ url }: ServerProcess, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}

describe("sluice prices update", () => {
  it("prices the next call of a running server and those of the next one; what was spent before stays as it was", async () => {
    directory = temporaryDirectory();
    const first = await started();
    const before = await ask(first);
    expect(before.cost).toBe("unknown");
    const { code, out } = await update(JSON.stringify([PRICE]));
    expect([code, out]).toEqual([0, expect.stringMatching(/^Kept 1 price of 1 model in .*prices\.json\. A running/)]);
    await expect.poll(async () => (await ask(first)).cost, { timeout: 10_000 }).toBe("0.00037");
    const after = await ask(first);
    const { provider: _provider, model: _model, ...price } = PRICE;
    expect(await get(first, "/v1/models/mine")).toMatchObject({ price });
    expect(await get(first, `/v1/requests/${after.id}`)).toMatchObject({
      costUsd: 0.00037,
      calls: [{ costSource: "price", price: { asOf: PRICE.asOf, source: PRICE.source, inputPerMTok: 3 } }],
    });
    expect(await get(first, `/v1/requests/${before.id}`)).toMatchObject({ costUsd: null, calls: [{ price: null }] });
    await first.kill();
    expect((await ask(await started())).cost).toBe("0.00037");
  });

  it.each([
    ["half a list", "[{", /list\.json is not JSON/],
    ["a price in words", JSON.stringify([PRICE, { ...PRICE, inputPerMTok: "3" }]), /: 1\.inputPerMTok: .*number/],
    ["a field nobody knows", JSON.stringify([{ ...PRICE, currency: "EUR" }]), /currency/],
    ["no file", null, /needs --from FILE/],
  ])("refuses %s, says what is wrong in one line, and keeps what there was", async (_what, text, problem) => {
    directory = temporaryDirectory();
    await update(JSON.stringify([PRICE]));
    const file = join(directory, "data", "prices.json");
    const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
    const { code, out, err } = await update(text);
    expect([code, out]).toEqual([78, ""]);
    expect(err).toMatch(problem);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe(kept);
  });

  it("leaves the prices in force where somebody puts nonsense into the data directory", async () => {
    directory = temporaryDirectory();
    const server = await started();
    await update(JSON.stringify([PRICE]));
    await expect.poll(async () => (await ask(server)).cost, { timeout: 10_000 }).toBe("0.00037");
    writeFileSync(join(directory, "data", "prices.json"), "[{");
    await expect.poll(() => server.log(), { timeout: 10_000 }).toContain("prices-refused");
    expect((await ask(server)).cost).toBe("0.00037");
  });
});
