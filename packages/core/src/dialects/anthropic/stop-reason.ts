const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  compaction: "length",
  refusal: "content_filter",
};

/** OpenAI's finish reason. An answer that calls tools says so whatever its stop reason, unless it was cut short. */
export function finishReason(stopReason: unknown, calledTools: boolean): string {
  const reason = (typeof stopReason === "string" && FINISH_REASONS[stopReason]) || "stop";
  return calledTools && reason !== "length" ? "tool_calls" : reason;
}
