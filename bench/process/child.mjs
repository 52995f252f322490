import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Thousands of streams need as many descriptors on each side; the hard limit is what we may have. */
const WITH_ALL_DESCRIPTORS = 'ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$@"';

/** A process of the benchmark: what it announced when it was ready, and calls to it. */
export class Child {
  #process;
  #calls = new Map();
  #lastId = 0;
  facts = {};

  constructor(child) {
    this.#process = child;
    child.on("message", (message) => this.#settle(message));
    child.on("exit", (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`a process ended early (${signal ?? code})`));
      this.#calls.clear();
    });
  }

  get pid() {
    return this.#process.pid;
  }

  /** Runs a command of the process and resolves with its result. */
  call(name, input) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#process.send({ id, name, input });
    });
  }

  /** Ends the process; safe to call again. */
  async stop(signal = "SIGKILL") {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill(signal);
    await gone;
  }

  #settle({ id, result, error }) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  }
}

/** Starts a script of this folder, on the given cores, and waits for its announcement. */
export async function startChild(script, { args = [], nodeFlags = [], pin = [] } = {}) {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const command = [...pin, process.execPath, ...nodeFlags, file, ...args];
  const spawned = spawn("sh", ["-c", WITH_ALL_DESCRIPTORS, "sh", ...command], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const child = new Child(spawned);
  try {
    child.facts = JSON.parse(await firstLine(spawned, script));
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function firstLine(spawned, script) {
  const lines = createInterface({ input: spawned.stdout });
  const ended = once(spawned, "exit").then(() => Promise.reject(new Error(`${script} ended before it was ready`)));
  ended.catch(() => {}); // once it is ready, its calls tell of the end
  const [line] = await Promise.race([once(lines, "line"), ended]);
  return line;
}
