import { fstatSync } from "node:fs";
import { type Responder, type ScriptedUpstreamOptions, scriptedUpstream } from "../scripted-upstream.js";
import { vendor } from "./vendor.js";

/** Options of {@link runUpstream}. */
export interface RunUpstreamOptions extends ScriptedUpstreamOptions {
  /** @defaultValue {@link vendor} */
  readonly responder?: Responder;
}

/**
 * Runs a scripted upstream as the whole of a process, for benchmarks and kill tests: writes its URL as the first line
 * of standard output and lives until SIGTERM, SIGINT or the end of standard input's pipe.
 * @example
 * // upstream.mjs, started by `spawn(process.execPath, ["upstream.mjs"])`
 * await runUpstream({ responder: vendor({ text: "one two three" }) });
 */
export async function runUpstream({ responder = vendor(), ...options }: RunUpstreamOptions = {}): Promise<void> {
  const upstream = await scriptedUpstream(options);
  upstream.respond(responder);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
    // A parent that dies closes the pipe; /dev/null and a terminal are no parent's pipe.
    if (!fstatSync(0).isCharacterDevice()) process.stdin.once("end", resolve).resume();
    process.stdout.write(`${upstream.url}\n`);
  });
  process.stdin.pause();
  await upstream.close();
}
