import { gzipSync } from "node:zlib";
import { lazily, type Reply, type Step } from "./reply.js";

const PIECE = 64 * 1024;

/** A JSON answer of `bytes` bytes and more, made while it is sent and no faster than it is read. */
export function hugeJson(bytes = 1024 ** 3): Reply {
  return lazily(function* () {
    yield head("application/json");
    yield write('{"id":"chatcmpl-huge","object":"chat.completion","padding":"');
    yield* filler(bytes);
    yield write('"}');
  });
}

/** One event whose line never ends; `bytes` limits it. */
export function endlessLine(bytes = Number.POSITIVE_INFINITY): Reply {
  return lazily(function* () {
    yield head("text/event-stream");
    yield write("data: ");
    yield* filler(bytes);
  });
}

/** A small compressed body that unpacks to `bytes` bytes. */
export function gzipBomb(bytes = 1024 ** 3, contentType = "application/json"): Reply {
  // Several gzip members in a row are one valid body, so one packed megabyte serves for all.
  const member = gzipSync(Buffer.alloc(1024 ** 2, 0x20));
  return lazily(function* () {
    yield { kind: "head", status: 200, headers: { "content-type": contentType, "content-encoding": "gzip" } };
    for (let sent = 0; sent < bytes; sent += 1024 ** 2) yield { kind: "bytes", bytes: member };
  });
}

/** `count` tiny text chunks in OpenAI's dialect, `perWrite` of them in one write; no terminal event where it is infinite. */
export function eventFlood(count = Number.POSITIVE_INFINITY, perWrite = 100): Reply {
  const event =
    'data: {"id":"chatcmpl-flood","object":"chat.completion.chunk","created":1790000000,"model":"scripted-model","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n';
  return lazily(function* () {
    yield head("text/event-stream");
    for (let sent = 0; sent < count; sent += perWrite)
      yield { ...write(event.repeat(Math.min(perWrite, count - sent))), event: true };
    yield {
      ...write(
        'data: {"id":"chatcmpl-flood","object":"chat.completion.chunk","created":1790000000,"model":"scripted-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
      ),
      event: true,
    };
    yield { ...write("data: [DONE]\n\n"), event: true };
  });
}

function head(contentType: string): Step {
  return { kind: "head", status: 200, headers: { "content-type": contentType } };
}

function write(text: string): Step & { kind: "bytes" } {
  return { kind: "bytes", bytes: Buffer.from(text) };
}

function* filler(bytes: number): Generator<Step> {
  const piece = Buffer.alloc(PIECE, 0x61);
  for (let left = bytes; left > 0; left -= PIECE)
    yield { kind: "bytes", bytes: left < PIECE ? piece.subarray(0, left) : piece };
}
