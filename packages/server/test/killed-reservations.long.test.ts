import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gate, hasRedis, openai, redisServer, scriptedUpstream } from "@sluice/testkit";
import { expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** A lease of 30 seconds, and the ten in which somebody looks. */
const GIVEN_BACK_MS = 60_000;

it.skipIf(!hasRedis())("what a killed server had reserved is there for the others again", async () => {
  const redis = await redisServer();
  const upstream = await scriptedUpstream();
  const started = () => {
    const directory = temporaryDirectory();
    const config = {
      redis: redis.url,
      providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
      models: [
        { id: "m", provider: "vendor", apiModelName: "m", layer: "L0", price: { inputPerMTok: 0, outputPerMTok: 1e3 } },
      ],
      cost: { budgets: [{ id: "all", scope: "global", window: "day", limitUsd: 0.15 }] },
      limits: { perIp: null },
    };
    writeFileSync(join(directory, "sluice.config.json"), JSON.stringify(config));
    return runServer({}, directory);
  };
  const ask = async ({ url }: ServerProcess) => {
    const body = JSON.stringify({ model: "m", max_tokens: 100, messages: [{ role: "user", content: "Hello!" }] });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
    await answer.text();
    return answer.status;
  };
  const [killed, other] = await Promise.all([started(), started()]);
  const hold = gate();
  upstream.enqueue({ steps: [hold] });
  upstream.always(openai.completion());
  const broken = ask(killed).catch(() => null);
  await hold.reached;
  expect(await ask(other)).toBe(402);
  await killed.kill();
  expect(await broken).toBeNull();
  expect(await ask(other)).toBe(402); // it may be alive and slow, as far as anybody knows
  await expect.poll(() => ask(other), { timeout: GIVEN_BACK_MS, interval: 1_000 }).toBe(200);
  await other.kill();
  await upstream.close();
  await redis.close();
});
