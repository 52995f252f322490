import { originalPlace } from "./original-place.mjs";

/** Frames that are no work of the process. */
const NO_WORK = new Set(["(idle)", "(root)"]);
/** The taking of the profile itself. */
const PROFILING = "bench/process/target.mjs";

/**
 * Splits a CPU profile by what ran: each function by itself, each file, and each function of ours or of a dependency
 * together with the built-in code it called.
 */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const frames = new Map(nodes.map((node) => [node.id, frameOf(node.callFrame)]));
  const spent = microsecondsByNode(samples, timeDeltas);
  const functions = new Map();
  const files = new Map();
  const callers = new Map();
  let total = 0;
  for (const [id, microseconds] of spent) {
    const frame = frames.get(id);
    const caller = callerOf(id, frames, parents);
    if (NO_WORK.has(frame.name) || caller.includes(PROFILING)) continue;
    total += microseconds;
    add(functions, frame.text, microseconds);
    add(files, frame.file, microseconds);
    add(callers, caller, microseconds);
  }
  return { total, functions, files, callers };
}

function frameOf(callFrame) {
  const { file, line } = originalPlace(callFrame);
  const name = callFrame.functionName || "(anonymous)";
  const builtIn = file === "(native)" || file.startsWith("node:");
  return {
    name,
    file: name.startsWith("(") && file === "(native)" ? name : file,
    text: `${name}  ${file}:${line}`,
    builtIn,
  };
}

function microsecondsByNode(samples, timeDeltas) {
  const spent = new Map();
  for (let index = 0; index < samples.length; index++) add(spent, samples[index], timeDeltas[index]);
  return spent;
}

/** The innermost function on the stack that is not built into the runtime. */
function callerOf(id, frames, parents) {
  for (let at = id; at !== undefined; at = parents.get(at)) {
    if (!frames.get(at).builtIn) return frames.get(at).text;
  }
  return `${frames.get(id).name.startsWith("(") ? frames.get(id).name : "(the runtime alone)"}`;
}

function add(sums, key, value) {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
