import { spawn } from "node:child_process";
import { ROOT } from "./paths.mjs";

/**
 * Runs a command. Its output is held back, and shown only when it fails; with `show` it goes straight to the screen.
 * @returns what it printed
 */
export function run(command, words, { show = false, env = {}, cwd = ROOT } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"];
    const child = spawn(command, words, {
      cwd,
      stdio,
      env: { ...process.env, ...env },
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve(output);
      if (!show) process.stderr.write(output);
      reject(new CommandFailed(`${[command, ...words].join(" ")} failed`, output));
    });
  });
}

/** A command that ended with an error. */
export class CommandFailed extends Error {
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}
