import type { Flags } from "../config/load.js";
import { loadConfig } from "../config.js";
import { startServer } from "../start.js";

/** `sluice start`: runs until a signal, drains, and exits; a second signal exits at once. */
export async function start(flags: Flags): Promise<void> {
  const server = await startServer(loadConfig(flags));
  process.stdout.write(server.banner);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    process.stdout.write("  Draining: finishing what is in flight; a second signal stops at once.\n");
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`sluice: closing failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
