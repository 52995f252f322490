import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway, type LedgerRow, type Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, describe, expect, it } from "vitest";

const ROWS = 1_000_000;
const DAYS = 30;
const KEYS = 200;
const MODELS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const TAGS = ["search", "chat", "batch", "review", "other"];
const BATCH = 500;
const DAY_MS = 86_400_000;
/** What people wait for; the best of five, as the machine may be busy. */
const USAGE_MS = 500;
const LIST_MS = 300;

const postgres = await postgresServer(process.env.DATABASE_URL);
const directory = mkdtempSync(join(tmpdir(), "sluice-million-"));

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await postgres?.close();
});

/** The row of one call out of a million: day by day, key by key, as if each key worked through its hour. */
function rowAt(index: number, today: number): LedgerRow {
  const day = Math.floor((index * DAYS) / ROWS);
  const key = Math.floor((index * DAYS * KEYS) / ROWS) % KEYS;
  const model = MODELS[index % MODELS.length] as string; // there are eight
  const at = today - (DAYS - 1 - day) * DAY_MS + (index % 80_000_000);
  return {
    id: `${at.toString(36).padStart(10, "0").toUpperCase()}${index.toString(36).padStart(8, "0").toUpperCase()}`,
    requestId: `req_${index.toString(16).padStart(32, "0")}`,
    attempt: 1,
    at,
    key: `key-${key}`,
    user: `user-${key % 40}`,
    tags: [TAGS[key % TAGS.length] as string],
    model: `model-${model}`,
    provider: `provider-${index % 3}`,
    layer: `L${index % 4}` as LedgerRow["layer"],
    operation: "chat",
    stream: false,
    reason: "auto:L0",
    role: "answer",
    status: index % 50 === 0 ? "failed" : "finished",
    code: index % 50 === 0 ? "upstream_failed" : null,
    partial: false,
    usageSource: "reported",
    usage: { input: 1_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 200, reasoning: 0 },
    price: null,
    cost: 1_000_000 + index,
    costReported: false,
    estimatedCost: null,
    strongest: null,
    verdicts: [],
    durationMs: 812.5,
    ttftMs: null,
  };
}

const STORES: readonly (readonly [string, (() => Promise<Store>) | null])[] = [
  ["SQLite", async () => sqliteStore({ file: join(directory, "usage.db") })],
  [
    postgres ? "Postgres" : `Postgres (${POSTGRES_MISSING})`,
    postgres && (async () => postgresStore({ url: await postgres.createDatabase() })),
  ],
];

describe.each(STORES)("a million rows in %s", (name, make) => {
  it.skipIf(make === null)(
    "are summed and listed before anybody has to wait",
    async () => {
      const store = await (make as () => Promise<Store>)();
      await store.open();
      const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
      const filling = performance.now();
      for (let start = 0; start < ROWS; start += BATCH) {
        await store.usage.append(Array.from({ length: BATCH }, (_none, offset) => rowAt(start + offset, today)));
      }
      const filled = (performance.now() - filling) / 1_000;
      process.stdout.write(`${name}: ${ROWS} rows appended, ${Math.round(ROWS / filled)} a second\n`);
      const gateway = new Gateway({ store, identify: () => ({ id: "vic", kind: "user", role: "viewer" }) });

      async function best(path: string): Promise<{ readonly ms: number; readonly text: string }> {
        let ms = Number.POSITIVE_INFINITY;
        let text = "";
        for (let round = 0; round < 5; round++) {
          const began = performance.now();
          const answer = await gateway.fetch(new Request(`http://localhost${path}`));
          text = await answer.text();
          ms = Math.min(ms, performance.now() - began);
          expect(answer.status).toBe(200);
        }
        process.stdout.write(`${name}: GET ${path} ${ms.toFixed(1)} ms, ${text.length} bytes\n`);
        return { ms, text };
      }

      const byDay = await best("/v1/usage");
      const cost = Number((BigInt(ROWS) * 1_000_000n + (BigInt(ROWS) * BigInt(ROWS - 1)) / 2n) / 1_000_000n) / 1e6;
      expect(JSON.parse(byDay.text).total).toMatchObject({ requests: ROWS, calls: ROWS, failed: ROWS / 50 });
      expect(JSON.parse(byDay.text).total.costUsd).toBeCloseTo(cost, 5);
      for (const groupBy of ["key", "user", "model", "layer", "tag", "day,model", "day,tag"]) {
        expect((await best(`/v1/usage?groupBy=${groupBy}`)).ms).toBeLessThan(USAGE_MS);
      }
      expect(byDay.ms).toBeLessThan(USAGE_MS);
      expect((await best("/v1/usage?groupBy=day,model&key=key-7")).ms).toBeLessThan(USAGE_MS);
      expect((await best("/v1/usage?groupBy=day,key&format=csv")).ms).toBeLessThan(USAGE_MS);
      expect((await best("/v1/requests")).ms).toBeLessThan(LIST_MS);
      expect((await best("/v1/requests?key=key-7&limit=100")).ms).toBeLessThan(LIST_MS);
      const { nextCursor } = JSON.parse((await best("/v1/requests?user=user-3&limit=100")).text);
      expect((await best(`/v1/requests?user=user-3&limit=100&before=${nextCursor}`)).ms).toBeLessThan(LIST_MS);
      const id = `req_${(ROWS / 2).toString(16).padStart(32, "0")}`;
      expect((await best(`/v1/requests/${id}`)).ms).toBeLessThan(LIST_MS);
      await gateway.close();
    },
    900_000,
  );
});
