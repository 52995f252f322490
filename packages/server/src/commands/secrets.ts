import type { Flags } from "../config/load.js";
import { onStore } from "./on-store.js";

/** `sluice secrets reseal`: brings every kept secret under the current master key, so that retired ones can go. */
export function resealSecrets(flags: Flags): Promise<void> {
  return onStore(flags, async (gateway) => {
    const count = await gateway.reseal();
    const what = count === 1 ? "the secrets of 1 entry" : `the secrets of ${count} entries`;
    process.stdout.write(`Sealed ${what} anew; every other is under the current master key already.\n`);
  });
}
