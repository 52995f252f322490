import * as openai from "../upstream/openai.js";
import { lazily, type Reply, type Step } from "../upstream/reply.js";

/** Text of each part, besides its number. */
const PADDING = "x".repeat(32 * 1024);

/** A streamed chat that counts, part after part, until it is told to end. */
export interface CountingStream {
  readonly reply: Reply;
  /** Parts sent so far. */
  readonly sent: number;
  /** Ends it, after the part that is under way. */
  stop(): void;
}

/** Makes a {@link CountingStream} that ends by itself after `maxBytes`. */
export function countingStream(maxBytes: number): CountingStream {
  let sent = 0;
  let stopped = false;
  const [head, role, ...ending] = stepsOf([]);
  function* steps(): Generator<Step> {
    yield* [head, role];
    for (; !stopped && sent * PADDING.length < maxBytes; sent++) yield stepsOf([`${sent} ${PADDING}`])[2];
    yield* ending;
  }
  return {
    reply: lazily(steps),
    get sent() {
      return sent;
    },
    stop() {
      stopped = true;
    },
  };
}

/** The numbers that came, of a whole answer; parts that are not as they were sent have none. */
export function countedParts(answer: string): readonly number[] {
  return [...answer.matchAll(/"content":"(\d+) (x+)"/g)].map(([, count, text]) =>
    text === PADDING ? Number(count) : Number.NaN,
  );
}

/** A head, a role, a part if there is one, and what ends a stream. */
function stepsOf(parts: readonly string[]): [Step, Step, Step, ...Step[]] {
  return [...openai.stream(parts).steps] as [Step, Step, Step, ...Step[]]; // as the sentence above says
}
