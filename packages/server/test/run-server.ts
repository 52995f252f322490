import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./temporary-directory.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly url: string;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Ends it without a chance to say goodbye. */
  kill(): Promise<void>;
}

/** Starts the built server, on a free port unless it is told one, with its data in a directory of its own. */
export async function runServer(
  environment: Readonly<Record<string, string>> = {},
  directory: string = temporaryDirectory(),
  port = "0",
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [CLI, "--port", port], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment },
  });
  let [out, log] = ["", ""];
  child.stderr.on("data", (text) => {
    log += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text) => {
      out += text;
      const found = /listens on (\S+)/.exec(out)?.[1];
      if (found) resolve(found);
    });
    child.on("close", (code) => reject(new Error(`exited ${code}: ${out}${log}`)));
  });
  return {
    child,
    url,
    log: () => log,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
