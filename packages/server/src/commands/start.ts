import type { Flags } from "../config/load.js";
import { loadConfig } from "../config.js";
import { createLogger } from "../logger.js";
import { type RunningServer, startServer } from "../start.js";

/** `sluice start`: runs until a signal, drains, and exits; a second signal exits at once. */
export async function start(flags: Flags): Promise<void> {
  const loaded = loadConfig(flags);
  const logger = createLogger(loaded.config);
  // Why a server is gone is told at every level.
  const lastWords = createLogger(loaded.config, {
    levelOf: ({ logLevel }) => (logLevel === "silent" ? "error" : logLevel),
  });
  process.on("uncaughtException", (error, event) => {
    lastWords.error({ err: error, event }, "the server ends: nothing caught this error");
    process.exit(1);
  });
  const starting = startServer(loaded, {
    logger,
    onConfig(config) {
      logger.follow(config);
      lastWords.follow(config);
    },
  });
  stopOnSignal(starting);
  rereadOnHangUp(starting);
  process.stdout.write((await starting).banner);
}

/** The signal by which daemons are asked to read their configuration; on a terminal it says that the terminal is gone. */
function rereadOnHangUp(starting: Promise<RunningServer>): void {
  if (process.stdin.isTTY || process.stdout.isTTY) return;
  process.on("SIGHUP", () => {
    starting.then(({ gateway }) => gateway.config.reload()).catch(() => undefined); // the log says why not
  });
}

/** From the first moment on: a server that is told to stop while it starts may have callers already. */
function stopOnSignal(starting: Promise<RunningServer>): void {
  let stopping = false;
  const close = async (): Promise<void> => {
    const server = await starting.catch(() => null);
    // Where the start was refused, whoever started it says why and sets the status.
    return server ? server.close() : new Promise(() => {});
  };
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    process.stdout.write("  Draining: finishing what is in flight; a second signal stops at once.\n");
    close().then(
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
