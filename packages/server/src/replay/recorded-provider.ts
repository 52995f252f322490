import type { Provider, ProviderCall, Receiver } from "@sluice/core";
import type { RecordedAnswer, RecordedQuestion } from "./recording.js";

/** One upstream call, as the upstream's own books have it. */
export interface RecordedCall {
  readonly question: RecordedQuestion;
  readonly model: string;
  readonly answer: RecordedAnswer;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * A provider that plays recorded answers: it knows a question by the user's message, and the n-th call of one question and
 * model gets the n-th answer, in a circle.
 */
export function recordedProvider(questions: readonly RecordedQuestion[], book: (call: RecordedCall) => void): Provider {
  const byPrompt = new Map(questions.map((question) => [question.prompt, question]));
  const asked = new Map<string, number>();

  function answerTo({ model, body }: ProviderCall): RecordedCall | null {
    const question = byPrompt.get(promptOf(String(body)));
    const answers = question?.responses[model];
    if (!question || !answers) return null;
    const key = `${question.id}\n${model}`;
    const nth = asked.get(key) ?? 0;
    asked.set(key, nth + 1);
    const answer = answers[nth % answers.length] as RecordedAnswer; // there is at least one
    const inputTokens = answer.inTokens ?? question.promptTokens;
    return { question, model, answer, inputTokens, outputTokens: answer.outTokens };
  }

  return {
    name: "recorded",
    dialect: "openai",
    send(call, receiver) {
      const found = answerTo(call);
      if (found) book(found);
      setImmediate(() => (found ? play(receiver, 200, completion(found)) : play(receiver, 404, NOTHING)));
    },
  };
}

const NOTHING = { error: { message: "nothing was recorded for this question and model", type: "not_found_error" } };

function play(receiver: Receiver, status: number, body: object): void {
  receiver.onStart({ abort() {}, pause() {}, resume() {} });
  receiver.onHeaders(status, { "content-type": "application/json" });
  receiver.onData(Buffer.from(JSON.stringify(body)));
  receiver.onEnd();
}

function completion({ question, model, answer, inputTokens, outputTokens }: RecordedCall): object {
  return {
    id: `chatcmpl-${question.id}`,
    object: "chat.completion",
    created: 0,
    model,
    choices: [
      { index: 0, message: { role: "assistant", content: answer.text }, finish_reason: "stop", logprobs: null },
    ],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  };
}

function promptOf(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] }; // the gateway validated it
  return messages.findLast(({ role }) => role === "user")?.content ?? "";
}
