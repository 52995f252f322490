/** A whole completion as the events of the stream it might have been (OpenAI's chat completion chunks), `[DONE]` included. */
export function completionEvents(body: string, includeUsage: boolean): string {
  const { choices, usage, object, ...head } = JSON.parse(body) as Completion; // the dialect reader has understood it
  const chunk = (fields: object) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...fields })}\n\n`;
  const nothing = includeUsage ? { usage: null } : {};
  const events = choices.flatMap(({ index, message, finish_reason, ...choice }) => [
    chunk({ choices: [{ index, delta: message, ...choice, finish_reason: null }], ...nothing }),
    chunk({ choices: [{ index, delta: {}, finish_reason }], ...nothing }),
  ]);
  if (includeUsage) events.push(chunk({ choices: [], usage }));
  return `${events.join("")}data: [DONE]\n\n`;
}

interface Completion {
  readonly object: string;
  readonly usage?: unknown;
  readonly choices: readonly { readonly index: number; readonly message: object; readonly finish_reason: string }[];
}
