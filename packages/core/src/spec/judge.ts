import type { ChatMessage, ChatRequest } from "../schemas/chat.js";

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

/** How a judge's question is put. */
export interface AskOptions {
  /** The most tokens to answer with, thinking included; a budget keeps as much back. @defaultValue 1,000 */
  readonly maxTokens?: number | undefined;
}

/** What is judged. */
export interface JudgeInput {
  readonly request: ChatRequest;
  /** The answer to accept or not, and after it those of the models that check it. */
  readonly answers: readonly [JudgedAnswer, ...JudgedAnswer[]];
  /** Why a second answer would tell nothing of this one, such as `free text`; undefined where it may. */
  readonly incomparable?: string | undefined;
  /**
   * Asks a model and gives the text it answered. The call goes on the request's own account, with the role `judge`.
   * @param model an id, or `auto:L0` and the like @throws GatewayError `insufficient_quota` where a budget has no room for it
   */
  ask(model: string, messages: readonly ChatMessage[], options?: AskOptions): Promise<string>;
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
  /** A judge that throws counts as `unknown`; where {@link JudgeInput.ask} had no budget, with the reason `budget`. */
  judge(input: JudgeInput): Verdict | Promise<Verdict>;
}
