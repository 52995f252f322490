import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ROOT } from "./paths.mjs";

const running = new Set();
/** A process of ours gets its own group, so that what it starts ends with it. Windows has no groups. */
const GROUPS = process.platform !== "win32";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const LAST_WORDS_MS = 3_000;

/**
 * Runs a program. Its output is held back until it fails; with `show` it goes straight to the screen.
 * @throws CommandFailed with the output, and `failure` as its message
 */
export function run(program, words, { show = false, env = {}, cwd = ROOT, shell = false, failure } = {}) {
  return new Promise((resolve, reject) => {
    const output = [];
    const stdio = show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"];
    const child = spawn(program, words, {
      cwd,
      stdio,
      env: { ...process.env, ...env },
      shell,
      detached: GROUPS && !show,
    });
    running.add(child);
    const fail = (error) => reject(new CommandFailed(failure ?? `${program} failed`, [...output, error]));
    child.stdout?.on("data", (bytes) => output.push(bytes));
    child.stderr?.on("data", (bytes) => output.push(bytes));
    child.on("error", (error) => fail(Buffer.from(error.message)));
    child.on("close", (code) => {
      running.delete(child);
      if (code === 0) resolve(Buffer.concat(output).toString());
      else fail(Buffer.alloc(0));
    });
  });
}

/** A program that ended with an error. */
export class CommandFailed extends Error {
  constructor(message, output) {
    super(message);
    this.output = Buffer.concat(output).toString();
  }
}

/** Runs `work`; a signal during it ends the programs it has started, and then this process. */
export async function withSignals(work) {
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

async function end(signal) {
  const exit = () => process.exit(128 + constants.signals[signal]);
  setTimeout(exit, LAST_WORDS_MS);
  const gone = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of running) kill(child, signal);
  await Promise.all(gone);
  exit();
}

function kill(child, signal) {
  try {
    process.kill(GROUPS && child.stdout ? -child.pid : child.pid, signal);
  } catch {
    // it has just ended by itself
  }
}
