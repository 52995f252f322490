import { originalPlace } from "./original-place.mjs";

/** Frames that are no work of the process. */
const NO_WORK = new Set(["(idle)"]);
/** The taking of the profile itself. */
const PROFILING = "bench/process/profiling.mjs";

/**
 * Adds up what stacks took: for each function by itself, for each file, and for each function of ours or of a dependency
 * together with the built-in code it called.
 */
export function tally(stacks) {
  const functions = new Map();
  const files = new Map();
  const callers = new Map();
  let total = 0;
  for (const { stack, amount } of stacks) {
    const frames = stack.map(named);
    const [innermost] = frames;
    const caller = frames.find(({ builtIn }) => !builtIn);
    if (NO_WORK.has(innermost.name) || caller?.file === PROFILING) continue;
    total += amount;
    add(functions, innermost.text, amount);
    add(files, innermost.file, amount);
    add(callers, caller?.text ?? (isInternal(innermost) ? innermost.name : "(the runtime alone)"), amount);
  }
  return { total, functions, files, callers };
}

function named(callFrame) {
  const { file, line } = originalPlace(callFrame);
  const name = callFrame.functionName || "(anonymous)";
  const builtIn = file === "(native)" || file.startsWith("node:");
  return { name, file, text: `${name}  ${file}:${line}`, builtIn };
}

/** The collector and its like, which no code calls. */
function isInternal({ name, file }) {
  return file === "(native)" && name.startsWith("(");
}

function add(sums, key, amount) {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}
