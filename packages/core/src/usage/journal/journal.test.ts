import * as fs from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../clock.js";
import type { LedgerRow } from "../../schemas/ledger.js";
import { silentLogger } from "../../spec/logger.js";
import type { OpenCall } from "../ledger-deps.js";
import { UsageWriter } from "../usage-writer.js";
import { Journal, type JournalOptions } from "./journal.js";
import { Lines } from "./line.js";
import type { JournalFiles } from "./segment.js";

const clock = systemClock();
let directory: string;
const opened: Journal[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-journal-"));
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await rm(directory, { recursive: true, force: true });
});

/** A store that keeps a row once, and can be made to refuse them. */
function fakeStore() {
  const rows = new Map<string, LedgerRow>();
  const store = {
    rows,
    refuses: false,
    async append(added: readonly LedgerRow[]) {
      if (store.refuses) throw new Error("the store is down");
      for (const row of added) if (!rows.has(row.id)) rows.set(row.id, row);
    },
  };
  return store;
}

function journal(options: Partial<JournalOptions> & { maxWaiting?: number } = {}) {
  const store = fakeStore();
  const { maxWaiting = 1_000, ...rest } = options;
  const writer = new UsageWriter({
    clock,
    logger: silentLogger,
    store,
    maxWaiting,
    onWritten: (count) => made.written(count),
  });
  const made: Journal = new Journal({ directory, durability: "process", clock, logger: silentLogger, writer, ...rest });
  made.open();
  opened.push(made);
  return { journal: made, store, writer };
}

const PRICE = {
  input: 3,
  output: 15,
  cacheRead: 1,
  cacheWrite5m: 4,
  cacheWrite1h: null,
  maxPromptTokens: null,
  asOf: "2026-01-01",
  source: "“a list”",
};

function call(index: number): OpenCall {
  return {
    start: {
      id: `row-${index}`,
      requestId: `req_${index}`,
      attempt: 1,
      at: 1_764_914_400_000 + index,
      key: index % 2 ? null : 'k"1',
      user: "zoë\n",
      tags: index % 3 ? [] : ["a", "b"],
      model: "m",
      provider: "p",
      layer: "L1",
      operation: "chat",
      stream: true,
      reason: "auto:L1",
      role: "answer",
      price: PRICE,
    },
    promptEstimate: 7,
    note: null,
  };
}

function rowOf({ start }: OpenCall): LedgerRow {
  return {
    ...start,
    status: "finished",
    code: null,
    partial: false,
    usageSource: "reported",
    usage: { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 0, output: 5, reasoning: 6 },
    cost: 99,
    costReported: false,
    estimatedCost: null,
    strongest: { model: "s", cost: 100 },
    verdicts: [{ judge: "sanity", outcome: "accept", reason: "fine" }],
    ...(start.id.endsWith("2") ? { omitted: [{ step: "escalation", model: "“l3”", reason: "budget" }] } : {}),
    durationMs: 1.5,
    ttftMs: 0.5,
  };
}

function book(to: Journal, each: OpenCall): Promise<void> {
  to.started(each);
  return new Promise((resolve) => to.ended(each, rowOf(each), resolve));
}

/** What stands in the files, oldest first. */
async function written(): Promise<string> {
  const names = (await readdir(directory)).sort();
  return (await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")))).join("");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("Journal", () => {
  it("has a row on disk before whoever waits for it goes on", async () => {
    const { journal: made } = journal();
    const one = call(1);
    made.started(one);
    let seen = "";
    await new Promise<void>((resolve) =>
      made.ended(one, rowOf(one), () => {
        seen = fs.readFileSync(join(directory, "usage-0000000001.log"), "utf8");
        resolve();
      }),
    );
    expect(seen.split("\n").map((line) => line[8])).toEqual(["S", "E", undefined]);
  });

  it("hands every row to the store, and leaves no file when it closes", async () => {
    const { journal: made, store } = journal();
    const calls = [0, 1, 2, 3].map(call);
    await Promise.all(calls.map((each) => book(made, each)));
    await made.close();
    expect([...store.rows.values()]).toEqual(calls.map(rowOf));
    expect(await readdir(directory)).toEqual([]);
  });

  it("takes up what a killed process left: rows as they were, and calls without an end as crashed", async () => {
    const { journal: killed, store: gone } = journal();
    gone.refuses = true;
    await book(killed, call(0));
    await book(killed, call(1));
    killed.started(call(2));
    await book(killed, call(3));
    const { journal: next, store } = journal();
    await until(() => store.rows.size === 4);
    expect(store.rows.get("row-0")).toEqual(rowOf(call(0)));
    expect(store.rows.get("row-2")).toMatchObject({
      ...call(2).start,
      status: "crashed",
      usageSource: "partial-estimated",
      usage: { input: 7, output: 0 },
      cost: null,
      estimatedCost: 21,
    });
    await next.close();
  });

  it("reads everything before a cut, wherever it is", async () => {
    const { journal: killed, store: gone } = journal();
    gone.refuses = true;
    for (const each of [0, 1, 2]) await book(killed, call(each));
    const whole = Buffer.from(await written());
    await killed.close();
    const ends = [...whole.toString("latin1").matchAll(/\n/g)].map(({ index }) => index + 1);
    for (let cut = 0; cut <= whole.length; cut += 41) {
      await rm(directory, { recursive: true });
      fs.mkdirSync(directory);
      await writeFile(join(directory, "usage-0000000001.log"), whole.subarray(0, cut));
      const lines = ends.filter((end) => end - 1 <= cut).length; // the last line end itself is not needed
      const finished = Math.floor(lines / 2);
      const { journal: next, store } = journal();
      await until(() => store.rows.size >= Math.ceil(lines / 2));
      await next.close();
      const statuses = [...store.rows.values()].map(({ status }) => status);
      expect(
        statuses.filter((status) => status === "finished"),
        `cut at ${cut}`,
      ).toHaveLength(finished);
      expect(
        statuses.filter((status) => status === "crashed"),
        `cut at ${cut}`,
      ).toHaveLength(lines % 2);
    }
  });

  it("loses nothing but a line that was damaged", async () => {
    const { journal: killed, store: gone } = journal();
    gone.refuses = true;
    for (const each of [0, 1, 2]) await book(killed, call(each));
    const lines = (await written()).split("\n");
    await killed.close();
    lines[3] = (lines[3] ?? "").replace("99", "98");
    await writeFile(join(directory, "usage-0000000001.log"), lines.join("\n"));
    const { store } = journal();
    await until(() => store.rows.size === 3);
    expect([...store.rows].map(([id, { status }]) => [id, status]).sort()).toEqual([
      ["row-0", "finished"],
      ["row-1", "crashed"],
      ["row-2", "finished"],
    ]);
  });

  it("leaves what a later version wrote to that version", async () => {
    const { journal: killed, store: gone } = journal();
    gone.refuses = true;
    await book(killed, call(0));
    await killed.close();
    const lines = new Lines();
    lines.add("E", '"from","the","future"');
    await fs.promises.appendFile(join(directory, "usage-0000000001.log"), lines.take());
    const { journal: next, store } = journal();
    await until(() => store.rows.size === 1);
    await next.close();
    expect(await readdir(directory)).toEqual(["usage-0000000001.log"]);
  });

  it("keeps a file as long as a call that was sent in it runs, and no longer than the store needs", async () => {
    const { journal: made, store, writer } = journal({ segmentBytes: 2_000 });
    const long = call(0);
    made.started(long);
    for (let index = 1; index < 40; index++) await book(made, call(index));
    await writer.flush();
    expect(store.rows.size).toBe(39);
    expect((await readdir(directory)).sort()).toHaveLength(2);
    expect(await readdir(directory)).toContain("usage-0000000001.log");
    await new Promise<void>((resolve) => made.ended(long, rowOf(long), resolve));
    await made.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it("keeps on disk what memory has no room for while the store is away, and delivers all of it after", async () => {
    const { journal: made, store, writer } = journal({ segmentBytes: 4_000, maxWaiting: 1_010 });
    store.refuses = true;
    for (let index = 0; index < 1_500; index += 50) {
      await Promise.all(Array.from({ length: 50 }, (_none, offset) => book(made, call(index + offset))));
    }
    expect(writer.waiting).toHaveLength(1_010);
    store.refuses = false;
    await writer.flush();
    await until(() => store.rows.size === 1_500);
    await made.close();
    // A file that was being read again at that moment is left to the next one, which finds nothing new in it.
    const { journal: next } = journal();
    await until(() => fs.readdirSync(directory).length === 1);
    await next.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it("stops growing at its largest size, and says so", async () => {
    const { journal: made, store } = journal({ segmentBytes: 1_000, maxBytes: 3_000 });
    store.refuses = true;
    for (let index = 0; index < 20; index++) await book(made, call(index));
    expect(made.trouble).toMatch(/largest size/);
    expect((await written()).length).toBeLessThan(4_000);
  });
});

describe("Journal on a bad disk", () => {
  /** Files of which one function can be broken. */
  function breakable() {
    const files = { ...fs, full: false, written: 0 };
    const writeSync = (file: number, bytes: Buffer, offset: number) => {
      if (!files.full) return fs.writeSync(file, bytes, offset);
      // A disk that fills up takes the first part of a write.
      if (files.written++ === 0) return fs.writeSync(file, bytes.subarray(offset, offset + 20));
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    return Object.assign(files, { writeSync: writeSync as JournalFiles["writeSync"] });
  }

  it("holds nobody up when it is full, keeps the rows in memory, and goes on once there is room", async () => {
    const files = breakable();
    let now = 0;
    const { journal: made, store } = journal({ files, clock: { ...clock, monotonic: () => now } });
    store.refuses = true;
    await book(made, call(0));
    files.full = true;
    await book(made, call(1));
    expect(made.trouble).toMatch(/ENOSPC/);
    await book(made, call(2));
    files.full = false;
    now = 2_000;
    await book(made, call(3));
    expect(made.trouble).toBeNull();
    store.refuses = false;
    const { store: next } = journal();
    await until(() => next.rows.size === 2);
    expect([...next.rows.keys()]).toEqual(["row-0", "row-3"]); // the others were nowhere but in memory
    await made.close();
    expect([...store.rows.keys()]).toEqual(["row-0", "row-1", "row-2", "row-3"]);
  });

  it("works from memory in a directory it cannot make", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    const { journal: made, store } = journal({ directory: join(file, "journal") });
    await book(made, call(0));
    expect(made.trouble).toMatch(/ENOTDIR/);
    await made.close();
    expect(store.rows.size).toBe(1);
  });

  it("waits for the disk itself where that is asked for, but not for ever", async () => {
    const syncs: ((error: Error | null) => void)[] = [];
    const files = {
      ...fs,
      fdatasync: ((_file: number, done: (error: Error | null) => void) => syncs.push(done)) as never,
    };
    const { journal: made } = journal({ durability: "power", files });
    let booked = false;
    const booking = book(made, call(0)).then(() => {
      booked = true;
    });
    await until(() => syncs.length === 1);
    expect(booked).toBe(false);
    syncs[0]?.(null);
    await booking;
    await book(made, call(1)); // nobody answers this sync
    expect(made.trouble).toMatch(/too long/);
  });
});
