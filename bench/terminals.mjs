/** A gateway with local terminals, which measures itself: what terminals cost is spent in this process. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Gateway } from "../packages/core/dist/index.js";
import { percentiles } from "./load/percentiles.mjs";
import { announce, answerCommands } from "./process/commands.mjs";

const MB = 1_000_000;
const options = { shells: ["/bin/bash"], env: { HOME: "/", PS1: "" }, maxSessions: 100, maxSessionsPerOwner: 100 };
const gateway = new Gateway({ terminal: options });
const handlers = { execute, output, screen, memory, flood };

answerCommands(Object.fromEntries(Object.entries(handlers).map(([name, measure]) => [name, inSession(measure)])));
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

/** Resident memory of this process per idle terminal: KB. */
async function memory(_session, { count }) {
  const before = await resident();
  const sessions = [];
  for (let opened = 0; opened < count; opened++) sessions.push(await gateway.terminals.open({ type: "local" }));
  const after = await resident();
  await Promise.all(sessions.map((session) => session.close()));
  return { rssKb: (after - before) / count / 1_024 };
}

async function resident() {
  global.gc();
  await sleep(200);
  return process.memoryUsage().rss;
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
