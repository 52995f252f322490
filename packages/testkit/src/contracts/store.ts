import { describe } from "vitest";
import { describeAudit } from "./store-audit.js";
import { storeBench } from "./store-bench.js";
import { describeEntries } from "./store-entries.js";
import { describeConcurrency, describeLifeCycle } from "./store-life-cycle.js";
import type { StoreContractOptions, StorePlace } from "./store-place.js";
import { persistenceCases, processCases, sharingCases } from "./store-sharing.js";
import { describeUsage } from "./store-usage.js";
import { describeValues } from "./store-values.js";

/**
 * The behaviour every store shares. Call it in a test file of your own, with a place to put the data.
 *
 * @example
 * ```ts
 * describeStore("memory", () => ({ connect: () => memoryStore() }), {
 *   skip: { persistence: "it lives in memory", sharing: "...", processes: "..." },
 * });
 * ```
 */
export function describeStore(
  name: string,
  factory: () => StorePlace | Promise<StorePlace>,
  options: StoreContractOptions = {},
): void {
  const { skip = {} } = options;

  // What does not apply is left out, not skipped: a skipped test is one that should run. The reason stands with the caller.
  function unlessSkipped(title: string, reason: string | undefined, cases: () => void): void {
    if (reason === undefined) describe(title, cases);
  }

  describe(`${name} store`, () => {
    const bench = storeBench(factory);
    describeEntries(bench);
    describeValues(bench);
    describeConcurrency(bench);
    describeLifeCycle(bench);
    describeAudit(bench);
    describeUsage(bench);
    unlessSkipped("persistence", skip.persistence, () => persistenceCases(bench));
    unlessSkipped("sharing", skip.sharing, () => sharingCases(bench));
    unlessSkipped("two processes", skip.processes, () => processCases(bench));
  });
}
