/**
 * The bare proxy: what a gateway on this runtime could cost if it did nothing at all. A minimal node:http server that
 * collects the body, forwards it with undici and writes the answer back with back-pressure.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { becomeTarget } from "./process/target.mjs";

// The very undici the gateway uses, which only its package can see.
const { Pool } = createRequire(new URL("../packages/core/package.json", import.meta.url))("undici");

const [, , upstream] = process.argv;
const pool = new Pool(upstream, { connections: null, headersTimeout: 0, bodyTimeout: 0 });

/** Writes an upstream answer to the client. */
class Forwarding {
  #outgoing;
  #controller = null;

  constructor(outgoing) {
    this.#outgoing = outgoing;
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) this.#controller?.abort(new Error("the client left"));
    });
    outgoing.on("drain", () => this.#controller?.resume());
  }

  onRequestStart(controller) {
    this.#controller = controller;
    // A client that left while its request was queued would otherwise hold the connection for ever.
    if (this.#outgoing.destroyed) controller.abort(new Error("the client left"));
  }

  onResponseStart(_controller, status, headers) {
    const { connection: _c, "keep-alive": _k, "transfer-encoding": _t, ...endToEnd } = headers;
    this.#outgoing.writeHead(status, endToEnd);
  }

  onResponseData(controller, chunk) {
    if (!this.#outgoing.write(chunk) && !this.#outgoing.destroyed) controller.pause();
  }

  onResponseEnd() {
    this.#outgoing.end();
  }

  onResponseError() {
    if (this.#outgoing.headersSent) this.#outgoing.destroy();
    else this.#outgoing.writeHead(502).end();
  }
}

function forward(incoming, outgoing, body) {
  const { "content-type": type, authorization } = incoming.headers;
  const headers = { "content-type": type, authorization };
  pool.dispatch({ method: incoming.method, path: incoming.url, headers, body }, new Forwarding(outgoing));
}

const server = createServer((incoming, outgoing) => {
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", () => forward(incoming, outgoing, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
becomeTarget(`http://127.0.0.1:${server.address().port}`);
