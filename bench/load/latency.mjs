import { answerBody } from "../fixtures.mjs";
import { monotonicMs } from "../process/clock.mjs";
import { atRate } from "./at-rate.mjs";
import { ConnectionPool } from "./connection-pool.mjs";
import { ExpectedBody } from "./expected-body.mjs";
import { percentiles } from "./percentiles.mjs";
import { chatRequest, portOf } from "./request.mjs";

/** Milliseconds from the scheduled start to the end of the answer, at a fixed rate. */
export async function latency({ url, perSecond, settleMs, windowMs }) {
  const request = chatRequest(url, { stream: false });
  const pool = new ConnectionPool(portOf(url));
  const measuredFrom = monotonicMs() + settleMs;
  const took = [];
  const answers = [];

  async function askAt(scheduledAt) {
    const body = new ExpectedBody(answerBody);
    await pool.ask(request, (bytes, start, end) => body.push(bytes, start, end));
    body.end();
    if (scheduledAt >= measuredFrom) took.push(monotonicMs() - scheduledAt);
  }

  try {
    await atRate({ perSecond, durationMs: settleMs + windowMs }, (scheduledAt) => answers.push(askAt(scheduledAt)));
    await Promise.all(answers);
    return percentiles(took);
  } finally {
    pool.close();
  }
}
