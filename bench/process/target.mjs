import { announce, answerCommands } from "./commands.mjs";
import { memoryAfterCollection } from "./memory.mjs";
import { startProfile, stopProfile } from "./profiling.mjs";

/**
 * Makes this process a target: says where it serves, tells its memory and takes profiles of itself when asked. `facts` are
 * what the load has to know besides, such as the key to come with.
 */
export function becomeTarget(url, facts = {}) {
  answerCommands({ memory: memoryAfterCollection, startProfile, stopProfile });
  announce({ url, ...facts });
}
