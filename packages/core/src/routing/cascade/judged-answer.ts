import { z } from "zod";
import type { JudgedAnswer } from "../../spec/judge.js";
import type { Served } from "../run.js";

/** As much of a completion as judges look at; anything else an upstream may send counts as nothing. */
const Judgeable = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish().catch(null),
        message: z.object({
          content: z.string().nullish().catch(null),
          refusal: z.string().nullish().catch(null),
          tool_calls: z.array(z.unknown()).nullish().catch(null),
        }),
      }),
    )
    .min(1),
});

/** The text of a completion's first choice; empty where there is none. */
export function answerText(body: string): string {
  return firstChoice(body)?.message.content ?? "";
}

/** Reads a served answer for the judges. */
export function judgedAnswer({ answer, target }: Served): JudgedAnswer {
  const choice = firstChoice(answer?.body.toString() ?? "");
  return {
    model: target.model.id,
    text: choice?.message.content ?? "",
    finishReason: choice?.finish_reason ?? null,
    refusal: choice?.message.refusal ?? null,
    toolCalls: choice?.message.tool_calls?.length ?? 0,
  };
}

function firstChoice(body: string) {
  return Judgeable.safeParse(parse(body)).data?.choices[0];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
