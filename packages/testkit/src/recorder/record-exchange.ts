import type { IncomingMessage } from "node:http";
import type { Recording } from "../recording.js";
import { endToEndHeaders } from "./end-to-end-headers.js";
import type { Redactor } from "./redactor.js";
import { textParts } from "./text-parts.js";

/** One exchange that has come to its end. */
export interface Exchange {
  readonly vendor: string;
  /** Host of the vendor. */
  readonly host: string;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly answer: IncomingMessage;
  readonly chunks: readonly Buffer[];
}

/** What is kept of an exchange, its secrets taken out; null where it is no text. */
export function recordExchange({ incoming, answer, ...exchange }: Exchange, redactor: Redactor): Recording | null {
  const asked = textParts([exchange.body]);
  const answered = textParts(exchange.chunks);
  if (!asked || !answered) return null;
  const { method = "GET", url = "/" } = incoming;
  const { host: _proxy, ...headers } = endToEndHeaders(incoming.headers);
  redactor.learnPath(url);
  redactor.learnHeaders(incoming.headers);
  redactor.learnHeaders(answer.headers);
  const path = redactor.text(url);
  const status = answer.statusCode ?? 502;
  return {
    vendor: exchange.vendor,
    about: `${exchange.host} answers ${method} ${path.replace(/\?.*$/, "")} with status ${status}.`,
    request: { method, path, headers: redactor.headers(headers), body: jsonOrText(redactor.text(asked.join(""))) },
    response: {
      status,
      headers: redactor.headers(endToEndHeaders(answer.headers)),
      body: redactor.parts(answered),
    },
  };
}

function jsonOrText(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
