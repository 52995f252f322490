import { parseArgs } from "node:util";

export const USAGE = `Measures the gateway against a bare proxy on the same runtime.

  npm run bench -- [options]

  --quick             about a minute instead of five
  --only LIST         some of: requests,chunks,latency,ttft,memory,leaving
  --laden             instead: plain chats with key, limits and logs, with a journal, and with all of it
  --mounts            instead: the gateway on node:http, Express and Koa, beside each one's emptiest handler
  --terminals         instead: what local terminals cost
  --streams N         open streams for the memory figure (default 2000)
  --json FILE         write every figure to a file
  --record            add a row to docs/benchmarks.md
  --check             exit with 1 when a bar is missed`;

/** What is wrong with the arguments; its message is all there is to say. */
export class UsageError extends Error {}

const OPTIONS = {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  laden: { type: "boolean", default: false },
  mounts: { type: "boolean", default: false },
  terminals: { type: "boolean", default: false },
  streams: { type: "string" },
  json: { type: "string" },
  record: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};

/** What is measured only when it is asked for, and alone. */
const ALONE = ["laden", "mounts", "terminals"];

/** Reads the arguments; `metrics` are the names `--only` may have, all of them by default. @throws UsageError */
export function readCommandLine(args, metrics) {
  const values = parse(args);
  const only = values.only?.split(",") ?? metrics;
  const unknown = only.find((name) => !metrics.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no ${unknown}; there are ${metrics.join(", ")}`);
  const streams = values.streams === undefined ? undefined : Number(values.streams);
  if (streams !== undefined && !(Number.isInteger(streams) && streams > 0))
    throw new UsageError("--streams: not a count");
  const alone = ALONE.filter((name) => values[name]);
  if (alone.length + (values.only === undefined ? 0 : 1) > 1)
    throw new UsageError(`--${alone[0]}: measures nothing else`);
  return { ...values, only: alone.length > 0 ? alone : only, streams };
}

function parse(args) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}
