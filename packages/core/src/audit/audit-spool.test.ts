import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../errors.js";
import type { AuditRow } from "../schemas/audit.js";
import { silentLogger } from "../spec/logger.js";
import { AuditLog } from "./audit-log.js";
import { AuditSpool } from "./audit-spool.js";

let directory: string;
let kept: Map<string, AuditRow>;
let isAway: boolean;
let processes = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-audit-"));
  kept = new Map();
  isAway = false;
});

afterEach(() => rmSync(directory, { recursive: true }));

const store = {
  async append(rows: readonly AuditRow[]) {
    if (isAway) throw new GatewayError("store_unavailable");
    for (const row of rows) if (!kept.has(row.id)) kept.set(row.id, row);
  },
};

/** A process that writes an audit log; it is killed by being forgotten. */
function started(options: { maxWaiting?: number; maxBytes?: number; durability?: "process" | "power" } = {}) {
  const clock = fakeClock({ now: Date.UTC(2026, 0) + ++processes * 1_000_000 });
  const { durability = "process", maxWaiting, maxBytes } = options;
  const spool = new AuditSpool({ directory, durability, clock, logger: silentLogger, maxBytes });
  const log = new AuditLog({ store, clock, logger: silentLogger, spool, maxWaiting });
  log.open();
  return { log, clock };
}

function record(log: AuditLog, ...actions: string[]): void {
  for (const action of actions) log.record({ action, target: null }, {});
}

const actions = () => [...kept.values()].map(({ action }) => action);
const files = () => readdirSync(directory).filter((name) => statSync(join(directory, name)).size > 0);

describe.each(["process", "power"] as const)("rows of a process that is killed (%s)", (durability) => {
  it("are on disk at once, and in the store with the next process, once", async () => {
    const { log } = started({ durability });
    record(log, "a", "b");
    expect(kept.size).toBe(0);
    const next = started({ durability });
    await next.clock.advanceAsync(100);
    await next.log.flush();
    expect(actions()).toEqual(["a", "b"]);
    expect(files()).toEqual([]);
    await started().log.flush();
    expect(actions()).toEqual(["a", "b"]);
  });
});

describe("the audit log on disk", () => {
  it("holds nothing that the store has", async () => {
    const { log } = started();
    for (const action of ["a", "b", "c"]) {
      record(log, action);
      expect(files()).toHaveLength(1);
      await log.flush();
      expect(files()).toEqual([]);
    }
    await log.close();
    expect(readdirSync(directory)).toEqual([]);
    expect(actions()).toEqual(["a", "b", "c"]);
  });

  it("is not given up while the store is away, nor at the end of the process", async () => {
    isAway = true;
    const { log } = started();
    record(log, "a");
    await log.close();
    expect(files()).toHaveLength(1);
    const next = started();
    record(next.log, "b");
    await next.log.flush();
    isAway = false;
    await next.clock.advanceAsync(2_000);
    await next.log.flush();
    expect(actions().sort()).toEqual(["a", "b"]);
    expect(files()).toEqual([]);
  });

  it("takes the rows that are too many for memory, and gives them to the store when it is back", async () => {
    isAway = true;
    const { log } = started({ maxWaiting: 3 });
    const all = Array.from({ length: 1_200 }, (_, index) => `a${index}`);
    record(log, ...all);
    await log.flush();
    isAway = false;
    expect(await log.flush()).toBe(true);
    expect(new Set(actions())).toEqual(new Set(all));
    const rows = [...kept.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    expect(rows.slice(1).every((row, index) => row.previous === rows[index]?.hash)).toBe(true);
    record(log, "later");
    await log.flush();
    expect(kept.size).toBe(1_201);
    expect(files()).toEqual([]);
  });

  it("has a largest size; what is lost then is counted", async () => {
    isAway = true;
    const { log } = started({ maxWaiting: 1, maxBytes: 1_000 });
    record(log, ...Array.from({ length: 50 }, () => "a"));
    isAway = false;
    await log.flush();
    record(log, "later");
    await log.flush();
    const lost = [...kept.values()].at(-1)?.details.lostBefore;
    expect(kept.size + Number(lost)).toBe(51);
  });

  it("passes over lines that were cut off or changed, and keeps the others", async () => {
    const { log } = started();
    record(log, "a", "b", "c");
    const [name = ""] = files();
    const path = join(directory, name);
    writeFileSync(path, readFileSync(path, "utf8").replace('"action":"b"', '"action":"x"'));
    appendFileSync(path, '{"id":"half');
    const next = started();
    await next.log.flush();
    expect(actions()).toEqual(["a", "c"]);
  });

  it("costs no request anything where the disk takes nothing", async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "a file, no directory");
    const { log } = started();
    record(log, "a");
    expect(await log.flush()).toBe(true);
    expect(actions()).toEqual(["a"]);
    await log.close();
  });
});
