import type { ChatRequest } from "../../schemas/chat.js";
import type { Judge, JudgedAnswer } from "../../spec/judge.js";

/** Rejects what is no answer at all: empty, cut off, refused, or not in the form that was asked for. */
export const sanity: Judge = {
  name: "sanity",
  alone: true,
  judge({ request, answers: [answer] }) {
    const flaw = flawOf(answer, request);
    return flaw === null ? { outcome: "unknown", reason: "looks sane" } : { outcome: "reject", score: 0, reason: flaw };
  },
};

function flawOf(answer: JudgedAnswer, request: ChatRequest): string | null {
  const { text, finishReason, refusal, toolCalls } = answer;
  if (refusal !== null) return "refused";
  if (finishReason === "content_filter") return "filtered";
  if (finishReason === "length") return "cut off";
  if (toolCalls === 0 && demandsTool(request)) return "called no tool";
  if (toolCalls > 0) return null;
  if (text.trim() === "") return "empty";
  return demandsJson(request) && !isJson(text) ? "not JSON" : null;
}

function demandsTool({ tool_choice: choice }: ChatRequest): boolean {
  return choice === "required" || (typeof choice === "object" && choice !== null);
}

function demandsJson({ response_format: format }: ChatRequest): boolean {
  return format?.type === "json_object" || format?.type === "json_schema";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
