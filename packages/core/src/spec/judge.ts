import type { ChatRequest } from "../schemas/chat.js";

/** An answer as a judge sees it. */
export interface JudgedAnswer {
  /** Id of the model that gave it. */
  readonly model: string;
  /** The text of its first choice; empty where there is none. */
  readonly text: string;
  readonly finishReason: string | null;
  readonly refusal: string | null;
  /** How many tools it calls. */
  readonly toolCalls: number;
}

/** What is judged. */
export interface JudgeInput {
  readonly request: ChatRequest;
  /** The answer to accept or not, and after it those of the models that check it. */
  readonly answers: readonly [JudgedAnswer, ...JudgedAnswer[]];
  readonly signal: AbortSignal;
}

/** What a judge says: `accept` and `reject` settle it, `unknown` leaves it to the next judge. */
export interface Verdict {
  readonly outcome: "accept" | "reject" | "unknown";
  /** How good the answer is, 0 to 1, where the judge can tell. */
  readonly score?: number | undefined;
  /** Why, in a few words. */
  readonly reason: string;
}

/** Decides whether a cheap answer is good enough. */
export interface Judge {
  readonly name: string;
  /** True for a judge that needs the answer alone, so that it need not wait for the models that check it. */
  readonly alone?: boolean | undefined;
  /** A judge that throws counts as `unknown`. */
  judge(input: JudgeInput): Verdict | Promise<Verdict>;
}
