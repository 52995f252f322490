/**
 * A provider of the application's own: it answers with the message turned around. A real one would call a model in the
 * process, a queue, or a machine with a protocol of its own. It speaks OpenAI's dialect, as JSON and as a stream.
 */
export function reversingProvider(name) {
  return {
    name,
    dialect: "openai",
    send: (call, receiver) => void setImmediate(() => answer(call, receiver)),
  };
}

/** What a receiver may count on: a start, headers, data, and then one end, or an error at any time. */
function answer(call, receiver) {
  let over = false;
  receiver.onStart({
    abort(reason) {
      if (over) return;
      over = true;
      queueMicrotask(() => receiver.onError(reason));
    },
    // An answer of a few words need not wait for slow readers; one that takes its time should.
    pause() {},
    resume() {},
  });
  if (over) return;
  receiver.onHeaders(200, { "content-type": call.stream ? "text/event-stream" : "application/json" });
  for (const text of partsOf(call)) if (!over) receiver.onData(Buffer.from(text));
  if (over) return;
  over = true;
  receiver.onEnd();
}

function partsOf({ body, model, stream }) {
  const { messages } = JSON.parse(body);
  const words = String(messages.at(-1).content).split(" ").reverse();
  return stream ? events(words, model) : [completion(words, model)];
}

function usageOf({ length }) {
  return { prompt_tokens: length, completion_tokens: length, total_tokens: 2 * length };
}

function completion(words, model) {
  const choices = [{ index: 0, message: { role: "assistant", content: words.join(" ") }, finish_reason: "stop" }];
  const fields = { id: "chatcmpl-1", object: "chat.completion", created: 0, model, choices };
  return JSON.stringify({ ...fields, usage: usageOf(words) });
}

function* events(words, model) {
  const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 0, model };
  const event = (fields) => `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  const choice = (delta, finish_reason = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
  for (const [index, word] of words.entries()) yield event(choice({ content: index === 0 ? word : ` ${word}` }));
  yield event(choice({}, "stop"));
  yield event({ choices: [], usage: usageOf(words) });
  yield "data: [DONE]\n\n";
}
