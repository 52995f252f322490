import { isGatewayError } from "../../errors.js";
import type { ChatRequest } from "../../schemas/chat.js";
import type { Judge, JudgedAnswer, JudgeInput, Verdict } from "../../spec/judge.js";

/** A verdict, and whose it is. */
export interface NamedVerdict extends Verdict {
  readonly judge: string;
}

/** What a cascade has found out about an answer. */
export interface Judgement {
  readonly verdicts: readonly NamedVerdict[];
  /** The last verdict's; `unknown` where nobody could tell. */
  readonly outcome: Verdict["outcome"];
}

/** What the judges of one answer work on. */
export interface Hearing {
  readonly request: ChatRequest;
  readonly first: JudgedAnswer;
  /** Waits for the second answer; null where there is none. */
  second(): Promise<JudgedAnswer | null>;
  readonly incomparable: string | undefined;
  readonly ask: JudgeInput["ask"];
  readonly signal: AbortSignal;
}

/** Asks the judges in turn until one of them accepts or rejects. */
export async function hear(judges: readonly Judge[], hearing: Hearing): Promise<Judgement> {
  const verdicts: NamedVerdict[] = [];
  for (const judge of judges) {
    const second = judge.alone ? null : await hearing.second();
    const { first, second: _ask, ...rest } = hearing;
    const verdict = await hearOne(judge, { ...rest, answers: second ? [first, second] : [first] });
    verdicts.push({ judge: judge.name, ...verdict });
    if (verdict.outcome !== "unknown") break;
  }
  return { verdicts, outcome: verdicts.at(-1)?.outcome ?? "unknown" };
}

/** A judge that fails has not decided. */
async function hearOne(judge: Judge, input: JudgeInput): Promise<Verdict> {
  try {
    return await judge.judge(input);
  } catch (error) {
    const isSpent = isGatewayError(error) && error.code === "insufficient_quota";
    return { outcome: "unknown", reason: isSpent ? "budget" : "the judge failed" };
  }
}
