import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { chat, type Outcome, openLoop, percentile, probeLoop } from "./open-loop.js";
import { runServer, type ServerProcess } from "./run-server.js";

const UPSTREAM_MS = 400;
const MOST_CALLS = 40;
const PEAK_MS = 5_000;
const OVERLOAD_MS = 20_000;
const OVERLOAD = 3;
const PROBES_PER_SECOND = 20;
const REFUSED_MS = 50;
const BACK_MS = 5_000;
const MORE_MEMORY = 100 * 1024 * 1024;

let upstream: ScriptedUpstream;
let server: ServerProcess;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  upstream.respond(async () => {
    await sleep(UPSTREAM_MS);
    return openai.completion();
  });
});

afterEach(async () => {
  await server.kill();
  await upstream.close();
});

function start(environment: Readonly<Record<string, string>>): Promise<ServerProcess> {
  return runServer({
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: `${upstream.url}/v1`,
    DEFAULT_LAYER: "L1",
    SLUICE_LIMITS_PER_IP: "null",
    ...environment,
  });
}

/** Answers a second with as many callers as are let in, none of whom is ever refused. */
async function peak(): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const until = performance.now() + PEAK_MS;
  let answered = 0;
  const caller = async () => {
    while (performance.now() < until) if ((await chat(server.url, agent)) === 200) answered++;
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: MOST_CALLS }, caller));
  agent.destroy();
  return (answered * 1_000) / (performance.now() - began);
}

function lateness(outcomes: readonly Outcome[]): number {
  return percentile(
    outcomes.map(({ ms }) => ms),
    0.99,
  );
}

function residentBytes(): number {
  const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** The load, the most memory the server had meanwhile, and how late any answer was then. */
async function overloaded(perSecond: number) {
  let [memory, over] = [0, false];
  const watching = (async () => {
    while (!over) {
      memory = Math.max(memory, residentBytes());
      await sleep(200);
    }
  })();
  const load = { url: server.url, forMs: OVERLOAD_MS };
  const [outcomes, probes] = await Promise.all([
    openLoop({ ...load, perSecond }),
    probeLoop({ ...load, perSecond: PROBES_PER_SECOND }),
  ]);
  over = true;
  await watching;
  return { outcomes, memory, anywayMs: lateness(probes) };
}

it.each<[string, Readonly<Record<string, string>>]>([
  ["calls at once (overload.maxCalls)", { SLUICE_OVERLOAD_MAX_CALLS: String(MOST_CALLS) }],
  [
    "an upstream's slots and its queue (providers.NAME.concurrency)",
    { SLUICE_PROVIDERS_OPENAI_CONCURRENCY: String(MOST_CALLS) },
  ],
])(
  "with three times as many chats as fit, held by %s, as many are answered and the others refused at once",
  async (_name, environment) => {
    server = await start(environment);
    const perSecond = await peak();
    const base = residentBytes();
    const { outcomes, memory, anywayMs } = await overloaded(perSecond * OVERLOAD);
    const answered = outcomes.filter(({ status }) => status === 200);
    const refused = outcomes.filter(({ status }) => status !== 200);
    const goodput = (answered.length * 1_000) / OVERLOAD_MS;
    const refusedMs = percentile(
      refused.map(({ ms }) => ms),
      0.99,
    );
    const figures = `peak ${perSecond.toFixed(0)}/s, goodput ${goodput.toFixed(0)}/s, refused in ${refusedMs.toFixed(0)} ms (p99; /livez ${anywayMs.toFixed(0)} ms)`;
    process.stdout.write(`${figures}, ${((memory - base) / 1024 / 1024).toFixed(0)} MiB more memory\n`);
    expect(goodput).toBeGreaterThan(0.8 * perSecond);
    expect(refused.filter(({ status }) => status !== 503)).toEqual([]);
    expect(refused.length).toBeGreaterThan(outcomes.length / 4);
    // Others may use this machine too: nothing is seen more sharply than what costs nothing is answered.
    expect(refusedMs - anywayMs).toBeLessThan(Math.max(REFUSED_MS, anywayMs));
    expect(memory - base).toBeLessThan(MORE_MEMORY);

    const agent = new Agent();
    await expect
      .poll(
        async () => {
          const began = performance.now();
          const status = await chat(server.url, agent);
          return status === 200 && performance.now() - began < UPSTREAM_MS * 1.5;
        },
        { timeout: BACK_MS },
      )
      .toBe(true);
    const health = (await (await fetch(`${server.url}/health`)).json()) as { status: string };
    expect(health.status).toBe("ok");
  },
);
