import { describe } from "vitest";
import { terminalBench } from "./terminal-bench.js";
import { describeExecution, describeRestart } from "./terminal-execution.js";
import { describeTerminalLife } from "./terminal-life.js";
import type { TerminalContractOptions, TerminalPlace } from "./terminal-place.js";
import { describeExitStatus, describeStream } from "./terminal-stream.js";

/**
 * The behaviour every terminal driver shares, whatever it opens. Call it in a test file of your own, with something to
 * open that has a POSIX shell behind it.
 *
 * @example
 * ```ts
 * describeTerminalDriver("local", () => ({ driver: localTerminals(), request: { type: "local" } }));
 * ```
 */
export function describeTerminalDriver(
  name: string,
  factory: () => TerminalPlace | Promise<TerminalPlace>,
  options: TerminalContractOptions = {},
): void {
  const { skip = {} } = options;

  describe(`${name} terminal driver`, () => {
    const bench = terminalBench(factory);
    describeTerminalLife(bench);
    // What a driver cannot do is left out, not skipped: the reason stands with the caller.
    if (skip.stream === undefined) describeStream(bench);
    if (skip.stream === undefined && skip.exitStatus === undefined) describeExitStatus(bench);
    if (skip.execute === undefined) describeExecution(bench);
    if (skip.restart === undefined) describeRestart(bench);
  });
}
