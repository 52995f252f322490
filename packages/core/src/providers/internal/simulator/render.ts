import type { SimulatedChoice, SimulatedUsage } from "./answer.js";
import type { SimulatedCall } from "./read-call.js";
import { wordsOf } from "./tokens.js";

/** An answer, ready to be written down. */
export interface SimulatedAnswer {
  readonly call: SimulatedCall;
  readonly choices: readonly SimulatedChoice[];
  readonly usage: SimulatedUsage;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** One event of a stream: a choice's opening, text or tool call, or what comes after them. */
export interface SimulatedEvent {
  readonly kind: "role" | "output" | "end";
  readonly text: string;
}

/** A chat completion as JSON text. */
export function completionText(answer: SimulatedAnswer): string {
  return JSON.stringify({
    ...envelope(answer, "chat.completion"),
    choices: answer.choices.map(({ content, toolCalls, finish }, index) => ({
      index,
      message: {
        role: "assistant",
        content,
        refusal: null,
        ...(toolCalls.length > 0 ? { tool_calls: toolCalls.map(({ id, ...call }) => functionCall(id, call)) } : {}),
      },
      logprobs: null,
      finish_reason: finish,
    })),
    usage: answer.usage,
  });
}

/** The same answer as chat completion chunks, word by word, made as they are taken. */
export function* streamEvents(answer: SimulatedAnswer): Generator<SimulatedEvent> {
  const withUsage = answer.call.request.stream_options?.include_usage === true;
  const head = envelope(answer, "chat.completion.chunk");
  const chunk = (choices: readonly unknown[], usage: SimulatedUsage | null = null) =>
    event({ ...head, choices, ...(withUsage ? { usage } : {}) });
  for (const [index, choice] of answer.choices.entries()) {
    const part = (delta: object, finish: string | null = null) =>
      chunk([{ index, delta, logprobs: null, finish_reason: finish }]);
    const content = choice.content === null ? null : "";
    yield { kind: "role", text: part({ role: "assistant", content, refusal: null }) };
    for (const delta of deltasOf(choice)) yield { kind: "output", text: part(delta) };
    yield { kind: "end", text: part({}, choice.finish) };
  }
  if (withUsage) yield { kind: "end", text: chunk([], answer.usage) };
  yield { kind: "end", text: "data: [DONE]\n\n" };
}

/** One server-sent event. */
export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function* deltasOf({ content, toolCalls }: SimulatedChoice): Generator<object> {
  for (const word of wordsOf(content ?? "")) yield { content: word };
  for (const [index, { id, name, arguments: text }] of toolCalls.entries()) {
    yield { tool_calls: [{ index, ...functionCall(id, { name, arguments: "" }) }] };
    for (const word of wordsOf(text)) yield { tool_calls: [{ index, function: { arguments: word } }] };
  }
}

function functionCall(id: string, call: { readonly name: string; readonly arguments: string }) {
  return { id, type: "function", function: call };
}

function envelope({ call, created }: SimulatedAnswer, object: string) {
  return {
    id: `chatcmpl-${call.digest}`,
    object,
    created,
    model: call.request.model,
    system_fingerprint: "fp_simulator",
  };
}
