/** What the scripted upstream answers, byte for byte. The load generator holds every answer against it. */

const REQUEST_BYTES = 1_024;
const ANSWER_BYTES = 1_331;
/** Every event of a stream has this size, so that counting bytes counts chunks. */
export const CHUNK_BYTES = 200;
/** Where in an event the time of sending stands, and how many digits it has (nanoseconds). */
export const STAMP_DIGITS = 16;

const USAGE = { prompt_tokens: 212, completion_tokens: 198, total_tokens: 410 };
const IDENTITY = { id: "chatcmpl-bench", created: 1_750_000_000, model: "gpt-bench" };

/** A chat request of about 1 KB. */
export function requestBody({ stream }) {
  const make = (content) => {
    const messages = [
      { role: "system", content: "You answer in short sentences." },
      { role: "user", content },
    ];
    return JSON.stringify({ model: "bench-model", messages, temperature: 0.7, ...(stream ? { stream: true } : {}) });
  };
  return padded(make, REQUEST_BYTES);
}

/** The answer to a chat that does not stream. */
export const answerBody = padded((content) => {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return JSON.stringify({ ...IDENTITY, object: "chat.completion", choices, usage: USAGE });
}, ANSWER_BYTES);

/** The events of a stream with `count` chunks, without what ends it. */
export function chunkEvents(count) {
  return Array.from({ length: count }, (_, index) => chunkEvent(String(index).padStart(STAMP_DIGITS, "0")));
}

/** Where the stamp starts in each event. */
export const STAMP_AT = chunkEvent("0".repeat(STAMP_DIGITS)).indexOf("0".repeat(STAMP_DIGITS));

/** What ends a stream; the usage comes only where it was asked for. */
export function closingEvents({ usage }) {
  const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  const spent = usage ? event({ choices: [], usage: USAGE }) : "";
  return Buffer.from(`${finish}${spent}data: [DONE]\n\n`);
}

/** A whole stream as a client that did not ask for usage has to get it. */
export function streamBody(count) {
  return Buffer.concat([...chunkEvents(count), closingEvents({ usage: false })]);
}

function chunkEvent(mark) {
  const make = (content) =>
    event({ choices: [{ index: 0, delta: { content: `${mark}${content}` }, finish_reason: null }] });
  return padded(make, CHUNK_BYTES);
}

function event(fields) {
  return `data: ${JSON.stringify({ ...IDENTITY, object: "chat.completion.chunk", ...fields })}\n\n`;
}

/** Fills the free text so that the whole has exactly `bytes` bytes. */
function padded(make, bytes) {
  const free = bytes - make("").length;
  if (free < 0) throw new RangeError(`the empty text already has more than ${bytes} bytes`);
  return Buffer.from(make("lorem ipsum ".repeat(bytes).slice(0, free)));
}
