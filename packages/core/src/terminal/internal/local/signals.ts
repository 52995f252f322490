import { constants } from "node:os";
import type { CommandExit } from "../../../spec/terminal.js";

/** The keys are the names by their type's definition, which Object.entries widens. */
const NAMES = new Map((Object.entries(constants.signals) as [NodeJS.Signals, number][]).map(([name, n]) => [n, name]));
/** What a shell adds to the number of the signal that ended a program. */
const SIGNAL_BASE = 128;

/** A signal's name by its number. */
export function nameOfSignal(number: number): NodeJS.Signals | undefined {
  return NAMES.get(number);
}

/** The signal in a shell's exit status, if it tells of one. */
export function signalOf(exitCode: number): NodeJS.Signals | undefined {
  return exitCode > SIGNAL_BASE ? NAMES.get(exitCode - SIGNAL_BASE) : undefined;
}

/** How a child process ended, as a shell would say it. */
export function exitOfChild(code: number | null, signal: NodeJS.Signals | null): CommandExit {
  if (signal === null) return { exitCode: code ?? 1 };
  return { exitCode: SIGNAL_BASE + constants.signals[signal], signal };
}
