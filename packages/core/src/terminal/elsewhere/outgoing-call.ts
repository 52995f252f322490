import { FAILURES, type FailureCode, GatewayError } from "../../errors.js";
import type { ByteSink, ByteStream, GatewayResponse } from "../../spec/http.js";
import type { MessageSocket } from "../../spec/message-socket.js";
import { chunkOf, type Mail, piece, type Said } from "./mail.js";

type Post = (mail: Said<"leave" | "ack" | "data">) => void;

/** A call that another instance answers: what it says becomes the response of this one. */
export class OutgoingCall implements ByteStream {
  readonly response: Promise<GatewayResponse>;
  readonly #post: Post;
  readonly #onOver: () => void;
  #resolve: (response: GatewayResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #head: Extract<Mail, { t: "head" }> | null = null;
  #pieces: (string | Uint8Array)[] = [];
  #sink: ByteSink | null = null;
  #socket: MessageSocket | null = null;
  #full = false;
  #ended: "well" | "badly" | null = null;
  #over = false;

  /** @param onOver - called once, when nothing more will be said */
  constructor(post: Post, onOver: () => void) {
    this.#post = post;
    this.#onOver = onOver;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The caller has left. */
  leave(): void {
    if (this.#over) return;
    this.#post({ t: "leave" });
    this.fail(new GatewayError("client_closed_request"));
  }

  /** The other instance says something. */
  hear(mail: Mail): void {
    if (mail.t === "head") this.#begin(mail);
    else if (mail.t === "data") this.#take(mail);
    else if (mail.t === "end") this.#end(mail.ok);
    else if (mail.t === "close") this.#hangUp(mail.code, mail.reason);
    else if (mail.t === "error") this.fail(errorOf(mail));
  }

  /** Nothing more will come. */
  fail(error: GatewayError): void {
    if (this.#head === null || this.#head.body === "whole") this.#reject(error);
    if (this.#socket) this.#hangUp(LOST_CODE, "the instance that had the terminal has ended");
    else this.#end(false);
  }

  pipe(sink: ByteSink): { drain(): void } {
    this.#sink = sink;
    this.#flush();
    return {
      drain: () => {
        this.#full = false;
        this.#flush();
      },
    };
  }

  #begin(head: Extract<Mail, { t: "head" }>): void {
    this.#head = head;
    const { status, headers, body } = head;
    if (body === "none") {
      this.#resolve({ status, headers, body: null });
      this.#finish();
    } else if (body === "stream") this.#resolve({ status, headers, body: this });
    else if (body === "socket")
      this.#resolve({ status, headers, body: null, upgrade: (socket) => this.#connect(socket) });
  }

  #take(data: Extract<Mail, { t: "data" }>): void {
    const chunk = chunkOf(data);
    if (this.#socket) return this.#socket.send(chunk);
    this.#pieces.push(chunk);
    if (this.#head?.body === "whole") this.#post({ t: "ack" });
    else this.#flush();
  }

  #flush(): void {
    while (this.#sink && !this.#full && this.#pieces.length > 0) {
      this.#full = !this.#sink.write(this.#pieces.shift() ?? "");
      this.#post({ t: "ack" });
    }
    if (!this.#sink || this.#pieces.length > 0 || this.#ended === null) return;
    if (this.#ended === "well") this.#sink.end();
    else this.#sink.abort();
    this.#sink = null;
  }

  #end(well: boolean): void {
    if (this.#ended !== null) return;
    this.#ended = well ? "well" : "badly";
    if (this.#head?.body === "whole" && well) {
      const { status, headers } = this.#head;
      const bytes = Buffer.concat(this.#pieces.map((each) => Buffer.from(each)));
      this.#resolve({ status, headers, body: bytes });
    } else this.#flush();
    this.#finish();
  }

  /** The client's WebSocket, from here on: what it says goes there, what comes from there it hears. */
  #connect(socket: MessageSocket): void {
    this.#socket = socket;
    socket.onMessage = (message) => this.#post({ t: "data", ...piece(message) });
    socket.onClose = () => {
      this.#socket = null;
      if (!this.#over) this.#post({ t: "leave" });
      this.#finish();
    };
    for (const chunk of this.#pieces.splice(0)) socket.send(chunk);
    if (this.#over) socket.close(LOST_CODE, "");
  }

  #hangUp(code: number, reason: string): void {
    this.#finish();
    this.#socket?.close(code, reason);
    this.#socket = null;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver();
  }
}

/** Going away (RFC 6455 7.4.1). */
const LOST_CODE = 1001;

function errorOf({ code, status, details, param }: Extract<Mail, { t: "error" }>): GatewayError {
  const known: FailureCode = Object.hasOwn(FAILURES, code) ? (code as FailureCode) : "internal"; // just looked up
  return new GatewayError(known, { status, details, param });
}
