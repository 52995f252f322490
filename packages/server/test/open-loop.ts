import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What became of one request. */
export interface Outcome {
  /** When it was due, in milliseconds since the load began. */
  readonly at: number;
  /** 0 where the connection broke. */
  readonly status: number;
  /** From the moment it was due to the end of its answer. */
  readonly ms: number;
}

/** A load that does not wait for answers. */
export interface OpenLoop {
  readonly url: string;
  readonly perSecond: number;
  readonly forMs: number;
}

const TURN_MS = 5;

/** Chats at a steady rate, however late the answers are, as callers do who do not know of each other. */
export function openLoop(load: OpenLoop): Promise<readonly Outcome[]> {
  return atRate(load, chat);
}

/** Asks for what costs a server nothing, at a steady rate: how late answers are on this machine whatever is asked for. */
export function probeLoop(load: OpenLoop): Promise<readonly Outcome[]> {
  return atRate(load, (url, agent) => statusOf(url, "/livez", agent));
}

type Ask = (url: string, agent: Agent) => Promise<number>;

async function atRate({ url, perSecond, forMs }: OpenLoop, ask: Ask): Promise<readonly Outcome[]> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  const waiting: Promise<Outcome>[] = [];
  const count = Math.round((perSecond * forMs) / 1_000);
  while (waiting.length < count) {
    const due = (index: number) => began + (index * 1_000) / perSecond;
    while (waiting.length < count && due(waiting.length) <= performance.now()) {
      const at = due(waiting.length);
      waiting.push(ask(url, agent).then((status) => ({ at: at - began, status, ms: performance.now() - at })));
    }
    await sleep(TURN_MS);
  }
  const outcomes = await Promise.all(waiting);
  agent.destroy();
  return outcomes;
}

const HELLO = JSON.stringify({ messages: [{ role: "user", content: "Hello!" }] });

/** The status of one chat whose answer was read to its end; 0 where the connection broke. */
export function chat(url: string, agent: Agent): Promise<number> {
  return statusOf(url, "/v1/chat/completions", agent, HELLO);
}

function statusOf(url: string, path: string, agent: Agent, text?: string): Promise<number> {
  const body =
    text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve) => {
    const options = { method: text === undefined ? "GET" : "POST", agent, headers: body };
    const outgoing = request(`${url}${path}`, options, (incoming) => {
      incoming.resume();
      incoming.on("end", () => resolve(incoming.statusCode ?? 0));
      incoming.on("error", () => resolve(0));
    });
    outgoing.on("error", () => resolve(0));
    outgoing.end(text);
  });
}

/** The smallest value that `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
