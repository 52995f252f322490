/** A gateway with local terminals, which measures itself: what terminals cost is spent in this process. */
import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Gateway } from "../packages/core/dist/index.js";
import { percentiles } from "./load/percentiles.mjs";
import { announce, answerCommands } from "./process/commands.mjs";
import { memoryAfterCollection } from "./process/memory.mjs";

const MB = 1_000_000;
const options = { shells: ["/bin/bash"], env: { HOME: "/", PS1: "" }, maxSessions: 200, maxSessionsPerOwner: 200 };
const gateway = new Gateway({ terminal: options });
const inOne = Object.entries({ execute, output, screen, flood }).map(([name, measure]) => [name, inSession(measure)]);

answerCommands({ ...Object.fromEntries(inOne), memory });
announce({ url: "" });

/** Gives each measurement a terminal of its own. */
function inSession(measure) {
  return async (input) => {
    const session = await gateway.terminals.open({ type: "local" });
    try {
      return await measure(session, input);
    } finally {
      await session.close();
    }
  };
}

/** How long `true` takes, with a rest between: milliseconds. */
async function execute(session, { times, everyMs }) {
  const taken = [];
  for (let round = 0; round < times; round++) {
    const begun = performance.now();
    await session.execute("true");
    taken.push(performance.now() - begun);
    await sleep(everyMs);
  }
  return percentiles(taken);
}

/** Bytes of output a command passes each second: MB. */
async function output(session, { bytes }) {
  const begun = performance.now();
  await session.execute(`head -c ${bytes} /dev/zero`, { timeoutMs: 600_000 });
  return { perSecond: bytes / MB / ((performance.now() - begun) / 1_000) };
}

/** The same on a screen, to a reader who keeps up. */
async function screen(session, { bytes }) {
  await session.send("stty -echo -onlcr; echo begin\n");
  let { cursor } = await readUntil(session, "begin\n");
  const begun = performance.now();
  await session.send(`head -c ${bytes} /dev/zero | tr '\\0' x; exit\n`);
  for (let closed = false; !closed; ) ({ cursor, closed } = await session.read({ cursor, waitMs: 25_000 }));
  return { perSecond: bytes / MB / ((performance.now() - begun) / 1_000) };
}

async function readUntil(session, text) {
  let seen = "";
  let cursor = 0;
  while (!seen.includes(text)) {
    const piece = await session.read({ cursor, waitMs: 5_000 });
    seen += Buffer.from(piece.data).toString();
    ({ cursor } = piece);
  }
  return { cursor };
}

/**
 * Memory per idle terminal that has run a command: KB of this process, and of the terminal's own shell. Ask a fresh process:
 * what a busy one has once had it keeps, and terminals find room in it without showing.
 */
async function memory({ warmUp, count }) {
  const first = await openAll(warmUp); // the code and the pools that are needed anyway
  await Promise.all(first.map((session) => session.close()));
  const before = await memoryAfterCollection();
  const sessions = await openAll(count);
  const after = await memoryAfterCollection();
  const shellKb = shellMemory() / count;
  await Promise.all(sessions.map((session) => session.close()));
  const perTerminal = (name) => (after[name] - before[name]) / count / 1_024;
  return { rssKb: perTerminal("rss"), heapKb: perTerminal("heapUsed"), shellKb };
}

async function openAll(count) {
  const sessions = [];
  for (let opened = 0; opened < count; opened++) {
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("true");
    sessions.push(session);
  }
  return sessions;
}

/** What the shells of this process hold, each page shared among whoever has it (proc(5), Pss): KB. */
function shellMemory() {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && isShell(pid))
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]))
    .reduce((sum, each) => sum + each, 0);
}

function isShell(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.includes("(bash)") && stat.split(") ")[1].split(" ")[1] === String(process.pid);
  } catch {
    return false; // it has just ended
  }
}

/** How late the event loop is while a screen is flooded that nobody reads: milliseconds. */
async function flood(session, { ms }) {
  await session.send("yes\n");
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(ms);
  delay.disable();
  return { p99: delay.percentile(99) / 1e6, passedMb: session.detail().cursor / MB };
}
