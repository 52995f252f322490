import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { endToEndHeaders } from "./recorder/end-to-end-headers.js";
import { forwardRequest } from "./recorder/forward-request.js";
import { outgoingHeaders } from "./recorder/outgoing-headers.js";
import { recordExchange } from "./recorder/record-exchange.js";
import { Redactor } from "./recorder/redactor.js";
import { saveRecordings } from "./recorder/save-recordings.js";
import type { Recording } from "./recording.js";
import { readBody } from "./upstream/received-request.js";

/** Options of {@link recordUpstream}. */
export interface RecordUpstreamOptions {
  /** What the recordings call the vendor. @defaultValue the target's host */
  readonly vendor?: string;
  /** @defaultValue an ephemeral port */
  readonly port?: number;
}

/** A proxy on 127.0.0.1 that keeps what passes between a client and a vendor. */
export interface UpstreamRecorder {
  /** The origin to call in the place of the target. */
  readonly url: string;
  /** Every exchange that came to its end and was text, in that order. */
  readonly recordings: readonly Recording[];
  /** Writes each recording into a JSON file of its own; resolves to the files' paths. */
  save(directory: string): Promise<string[]>;
  /** Closes the port and every connection on both sides. */
  close(): Promise<void>;
}

/**
 * Starts an {@link UpstreamRecorder} before a vendor. Everything goes through as it comes, chunk by chunk; a client that
 * leaves closes the upstream. Keys, cookies and account names never get into a recording, also not where a body repeats
 * them word for word. Prompts and answers do: read a file before it is shared.
 * @param target - an origin, such as `https://api.openai.com`
 * @throws TypeError when the target is no origin
 * @example
 * const recorder = await recordUpstream("https://api.openai.com", { vendor: "openai" });
 * const gateway = new Gateway({ providers: { openai: { apiKey, baseUrl: `${recorder.url}/v1` } } });
 * // …
 * await recorder.save("recordings");
 * await recorder.close();
 */
export async function recordUpstream(target: string, options: RecordUpstreamOptions = {}): Promise<UpstreamRecorder> {
  const origin = originOf(target);
  const recorder = new Recorder(origin, options.vendor ?? origin.host);
  await recorder.listen(options.port ?? 0);
  return recorder;
}

function originOf(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url;
  throw new TypeError("target must be an origin without a path, such as https://api.openai.com");
}

class Recorder implements UpstreamRecorder {
  readonly recordings: Recording[] = [];
  readonly #target: URL;
  readonly #vendor: string;
  readonly #server: Server;
  readonly #redactor = new Redactor();

  constructor(target: URL, vendor: string) {
    this.#target = target;
    this.#vendor = vendor;
    this.#server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => void this.#pass(incoming, response));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on TCP
    return `http://127.0.0.1:${port}`;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => resolve());
    });
  }

  save(directory: string): Promise<string[]> {
    return saveRecordings(this.recordings, directory);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    if (!body) return;
    try {
      const answer = await forwardRequest(this.#target, { incoming, body, response });
      response.writeHead(answer.statusCode ?? 502, outgoingHeaders(endToEndHeaders(answer.headers)));
      response.flushHeaders();
      const tap = keeping((chunks) => this.#keep(incoming, body, answer, chunks));
      await pipeline(answer, tap, response);
    } catch (cause) {
      fail(response, `${this.#target.origin} did not answer: ${String(cause)}`);
    }
  }

  #keep(incoming: IncomingMessage, body: Buffer, answer: IncomingMessage, chunks: readonly Buffer[]): void {
    const exchange = { vendor: this.#vendor, host: this.#target.host, incoming, body, answer, chunks };
    const recording = recordExchange(exchange, this.#redactor);
    if (recording) this.recordings.push(recording);
  }
}

/**
 * Hands every chunk on, and at the end all of them to `keep`: before the client sees that end, so that whoever has read
 * an answer finds its recording.
 */
function keeping(keep: (chunks: readonly Buffer[]) => void): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done(null, chunk);
    },
    flush(done) {
      keep(chunks);
      done();
    },
  });
}

/** A proxy's own words where the upstream gave none; a broken connection where it had begun to answer. */
function fail(response: ServerResponse, message: string): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else response.writeHead(502, { "content-type": "application/json" }).end(JSON.stringify({ error: { message } }));
}
