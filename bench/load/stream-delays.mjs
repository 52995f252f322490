import { monotonicMs } from "../process/clock.mjs";
import { atRate } from "./at-rate.mjs";
import { ConnectionPool } from "./connection-pool.mjs";
import { percentiles } from "./percentiles.mjs";
import { chatRequest, portOf } from "./request.mjs";
import { StampedStream } from "./stamped-stream.mjs";

/** Time to the first chunk, from the scheduled start, and the time every later chunk is under way. */
export async function streamDelays({ url, perSecond, chunks, settleMs, windowMs }) {
  const request = chatRequest(url, { stream: true });
  const pool = new ConnectionPool(portOf(url));
  const measuredFrom = monotonicMs() + settleMs;
  const firsts = [];
  const delays = [];
  const streams = [];

  async function streamAt(scheduledAt) {
    const stream = new StampedStream(chunks);
    await pool.ask(request, (bytes, start, end) => stream.push(bytes, start, end));
    stream.end();
    if (scheduledAt < measuredFrom) return;
    firsts.push(stream.firstAt - scheduledAt);
    for (const delay of stream.delays) delays.push(delay);
  }

  try {
    await atRate({ perSecond, durationMs: settleMs + windowMs }, (scheduledAt) => streams.push(streamAt(scheduledAt)));
    await Promise.all(streams);
    return { first: percentiles(firsts), chunk: percentiles(delays) };
  } finally {
    pool.close();
  }
}
