import { fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../errors.js";
import { type AuditRow, auditHash } from "../schemas/audit.js";
import { silentLogger } from "../spec/logger.js";
import { AuditLog } from "./audit-log.js";
import { refusalRecorder } from "./refusals.js";

const KIM = { identity: { id: "kim", role: "admin", kind: "user" }, address: "203.0.113.7" } as const;

/** A store whose `append` fails while it is told to. */
function bench() {
  const clock = fakeClock();
  const kept = new Map<string, AuditRow>();
  const state = { broken: false, calls: 0 };
  const store = {
    async append(rows: readonly AuditRow[]) {
      state.calls++;
      if (state.broken) throw new GatewayError("store_unavailable");
      for (const row of rows) kept.set(row.id, row);
    },
  };
  return {
    clock,
    state,
    rows: () => [...kept.values()],
    log: new AuditLog({ store, clock, logger: silentLogger, spool: null }),
  };
}

describe("AuditLog", () => {
  it("writes what was reported, a moment later and in one go", async () => {
    const { clock, log, rows, state } = bench();
    log.record({ action: "key.create", target: "k1", details: { role: "client" } }, KIM);
    log.record({ action: "key.delete", target: "k1" }, {});
    expect(rows()).toEqual([]);
    await clock.advanceAsync(100);
    expect(state.calls).toBe(1);
    expect(rows()).toEqual([
      expect.objectContaining({
        at: "2026-01-01T00:00:00.000Z",
        actor: { id: "kim", kind: "user" },
        action: "key.create",
        target: "k1",
        outcome: "ok",
        details: { role: "client" },
        address: "203.0.113.7",
      }),
      expect.objectContaining({ actor: { id: "system", kind: "system" }, action: "key.delete", address: null }),
    ]);
  });

  it("gives rows an order and a chain that shows what is missing", async () => {
    const { log, rows } = bench();
    for (let round = 0; round < 40; round++) log.record({ action: `a${round}`, target: null }, KIM);
    await log.flush();
    const written = rows();
    expect([...written].sort((one, other) => (one.id < other.id ? -1 : 1))).toEqual(written);
    let previous = "";
    for (const { hash, ...row } of written) {
      expect([row.previous, auditHash(row)]).toEqual([previous, hash]);
      previous = hash;
    }
  });

  it("holds rows while the store is away, and writes them once it is back", async () => {
    const { clock, log, rows, state } = bench();
    state.broken = true;
    log.record({ action: "a", target: null }, KIM);
    expect(await log.flush()).toBe(false);
    state.broken = false;
    await clock.advanceAsync(2_000);
    expect(rows().map(({ action }) => action)).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  it("keeps so many rows and no more, and says how many it lost", async () => {
    const { log, rows, state } = bench();
    state.broken = true;
    for (let round = 0; round < 10_007; round++) log.record({ action: "a", target: null }, KIM);
    await log.flush();
    state.broken = false;
    expect(await log.flush()).toBe(true);
    log.record({ action: "b", target: null }, KIM);
    await log.flush();
    expect(rows()).toHaveLength(10_001);
    expect(rows().at(-1)?.details).toEqual({ lostBefore: 7 });
  });
});

describe("refusals", () => {
  it("are booked so many a minute; how many were passed over stands in the next row", async () => {
    const { clock, log, rows } = bench();
    const refused = refusalRecorder((event, actor) => log.record(event, actor), clock);
    const error = new GatewayError("forbidden", { details: "not here" });
    for (let round = 0; round < 75; round++) refused(error, "GET /v1/users", KIM);
    clock.advance(60_000);
    refused(error, "GET /v1/users", KIM);
    await log.flush();
    expect(rows()).toHaveLength(61);
    expect(rows()[0]).toMatchObject({ action: "request", target: "GET /v1/users", outcome: "refused" });
    expect(rows().at(-1)?.details).toEqual({ code: "forbidden", reason: "not here", passedOver: 15 });
  });
});
