import { build, isBuilt } from "./build.mjs";
import { install, isInstalled } from "./install.mjs";
import { exclusively } from "./lock.mjs";
import { CommandFailed, withSignals } from "./run.mjs";

/**
 * Installs and builds what has changed since the last time, telling `say` what it does. Where that fails it tells what
 * to do next and gives up. With nothing to do it writes nothing, so that a finished checkout may be read-only.
 */
export async function prepare(say, { types = false, giveUp = () => process.exit(1) } = {}) {
  if (isInstalled() && isBuilt({ types })) return;
  try {
    await withSignals(() =>
      exclusively(say, async () => {
        await install(say);
        await build(say, { types });
      }),
    );
  } catch (error) {
    if (error instanceof CommandFailed) process.stderr.write(`${error.output.trimEnd()}\n\n`);
    console.error(error instanceof CommandFailed ? error.message : error);
    giveUp();
  }
}
