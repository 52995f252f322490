import { fakeClock } from "@sluice/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { GatewayConfig } from "../../schemas/options.js";
import { silentLogger } from "../../spec/logger.js";
import { Overload } from "./overload.js";

const defaults = GatewayConfig.parse({}).overload;
const LATE = 300;

let clock: ReturnType<typeof fakeClock>;
let running: number;
let memory: { used: number; limit: number | null };
let warned: object[];

beforeEach(() => {
  [clock, running, memory, warned] = [fakeClock(), 1_000, { used: 0, limit: null }, []];
});

function overload(config = defaults): Overload {
  const logger = { ...silentLogger, warn: (fields: object) => void warned.push(fields) };
  return new Overload({ clock, logger, running: () => running, memory: () => memory }, config);
}

/** Lets time pass and a tick come late by so much. */
function tick(to: Overload, lateMs: number): void {
  clock.advance(25 + lateMs);
  to.tick(lateMs, clock.monotonic());
}

/** So often in a row it has to be late. */
const OFTEN = 4;

describe("a process that is late", () => {
  it("refuses calls once it was late again and again for a second, until it is in time for a second", () => {
    const guard = overload();
    for (let count = 1; count < OFTEN; count++) {
      tick(guard, LATE);
      expect(guard.reason).toBeNull(); // so far it is a pause
    }
    tick(guard, LATE);
    expect(guard.reason).toContain("overload.eventLoopDelayMs");
    clock.advance(500);
    tick(guard, 10);
    expect(guard.reason).not.toBeNull();
    tick(guard, LATE - 50); // late again before it was trusted
    clock.advance(900);
    expect(guard.reason).not.toBeNull();
    clock.advance(200);
    expect(guard.reason).toBeNull();
  });

  it("refuses none for pauses, nor where it is in time between them", () => {
    const guard = overload();
    for (let count = 0; count < 20; count++) {
      tick(guard, count % 3 === 2 ? 10 : LATE);
      expect(guard.reason).toBeNull();
    }
  });

  it("refuses none while few calls run: they are not what holds it up", () => {
    const guard = overload();
    running = 10;
    for (let count = 0; count < 10; count++) tick(guard, LATE);
    expect(guard.reason).toBeNull();
    running = 128;
    expect(guard.reason).not.toBeNull();
  });
});

describe("calls at once", () => {
  it("are refused above the limit, with a time, and told once", () => {
    const guard = overload({ ...defaults, maxCalls: 3 });
    running = 2;
    expect(() => guard.admit()).not.toThrow();
    running = 3;
    const refused = { code: "server_overloaded", status: 503, retryAfterMs: 1_000 };
    for (let count = 0; count < 100; count++) expect(() => guard.admit()).toThrow(expect.objectContaining(refused));
    expect(warned).toEqual([{ event: "overload", details: "3 calls run, as many as may (overload.maxCalls)" }]);
    clock.advance(10_000);
    expect(() => guard.admit()).toThrow();
    expect(warned).toHaveLength(2);
    guard.configure({ ...defaults, maxCalls: null });
    expect(() => guard.admit()).not.toThrow();
  });
});

describe("memory", () => {
  it("counts against the limit of a container, where there is one", () => {
    const guard = overload();
    memory = { used: 900, limit: 1_000 };
    tick(guard, 0);
    expect(guard.reason).toBe("more than 80 % of the memory is used (overload.memoryShare)");
    memory = { used: 700, limit: 1_000 };
    clock.advance(500);
    tick(guard, 0);
    expect(guard.reason).toBeNull();
    memory = { used: 10_000, limit: null };
    clock.advance(500);
    tick(guard, 0);
    expect(guard.reason).toBeNull();
  });
});
