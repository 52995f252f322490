import { type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { request as requestHttps } from "node:https";
import { endToEndHeaders } from "./end-to-end-headers.js";
import { outgoingHeaders } from "./outgoing-headers.js";

/** A request that came in whole, and the response that waits for its answer. */
export interface Waiting {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** Asks an origin what was asked here; resolves with the head of its answer. Ends with the client that waits. */
export function forwardRequest(target: URL, { incoming, body, response }: Waiting): Promise<IncomingMessage> {
  const { expect: _answered, ...headers } = outgoingHeaders(endToEndHeaders(incoming.headers));
  const ownHeaders = {
    host: target.host,
    "accept-encoding": "identity", // a recording is text
    ...(body.length > 0 ? { "content-length": `${body.length}` } : {}),
  };
  const { method = "GET", url: path = "/" } = incoming;
  return new Promise((resolve, reject) => {
    const request = target.protocol === "https:" ? requestHttps : requestHttp;
    const outgoing = request(target, { method, path, headers: { ...headers, ...ownHeaders }, agent: false }, resolve);
    outgoing.on("error", reject);
    response.once("close", () => outgoing.destroy());
    outgoing.end(body);
  });
}
