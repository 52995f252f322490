import { GatewayError, isGatewayError } from "../../errors.js";
import type { CarriedCall, ServeCarried } from "../../spec/carried-call.js";
import type { ByteSink, GatewayResponse } from "../../spec/http.js";
import type { MessageSocket } from "../../spec/message-socket.js";
import { chunkOf, type Mail, PIECE_BYTES, piece, type Said, WINDOW } from "./mail.js";

type Post = (mail: Said<"head" | "data" | "end" | "close" | "error">) => void;

/** A call that another instance has carried here. */
export class IncomingCall implements ByteSink {
  /** Whose call it is. */
  readonly from: string;
  readonly #post: Post;
  readonly #onOver: () => void;
  readonly #left = new AbortController();
  readonly #socket: MessageSocket;
  #flow: { drain(): void } | null = null;
  #sent = 0;
  #acknowledged = 0;
  #onAck: () => void = () => {};
  #over = false;

  /** @param onOver - called once, when nothing more will be said */
  constructor(from: string, post: Post, onOver: () => void) {
    this.from = from;
    this.#post = post;
    this.#onOver = onOver;
    this.#socket = {
      send: (message) => this.#send(message),
      close: (code, reason) => {
        if (!this.#over) this.#post({ t: "close", code, reason });
        this.#finish();
        this.#socket.onClose();
      },
      onMessage: () => {},
      onClose: () => {},
    };
  }

  /** Answers it. */
  async serve(call: CarriedCall, serve: ServeCarried): Promise<void> {
    try {
      await this.#answer(await serve(call, this.#left.signal));
    } catch (error) {
      const told = isGatewayError(error) ? error : new GatewayError("internal", { cause: error });
      const { code, status, details, param } = told;
      this.#post({ t: "error", code, status, details, param });
      this.#finish();
    }
  }

  /** The other instance says something. */
  hear(mail: Mail): void {
    if (mail.t === "leave") this.leave();
    else if (mail.t === "data")
      this.#socket.onMessage(chunkOf(mail)); // of the client's WebSocket
    else if (mail.t === "ack") {
      this.#acknowledged++;
      this.#onAck();
    }
  }

  /** Nobody waits for the answer any more. */
  leave(): void {
    if (this.#over) return;
    this.#finish();
    this.#left.abort();
    this.#onAck();
    this.#socket.onClose();
  }

  write(chunk: Uint8Array | string): boolean {
    this.#send(chunk);
    return this.#sent - this.#acknowledged < WINDOW;
  }

  end(): void {
    this.#stop(true);
  }

  abort(): void {
    this.#stop(false);
  }

  async #answer({ status, headers, body, upgrade }: GatewayResponse): Promise<void> {
    if (upgrade) {
      this.#post({ t: "head", status, headers, body: "socket" });
      return upgrade(this.#socket);
    }
    if (body === null) {
      this.#post({ t: "head", status, headers, body: "none" });
      return this.#finish();
    }
    if (typeof body === "object" && "pipe" in body) {
      this.#post({ t: "head", status, headers, body: "stream" });
      this.#onAck = () => {
        if (this.#sent - this.#acknowledged < WINDOW) this.#flow?.drain();
      };
      this.#flow = body.pipe(this);
      return;
    }
    this.#post({ t: "head", status, headers, body: "whole" });
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length && !this.#over; at += PIECE_BYTES) {
      if (!this.write(bytes.subarray(at, at + PIECE_BYTES))) await this.#room();
    }
    this.end();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAck = () => {
        if (this.#over || this.#sent - this.#acknowledged < WINDOW) resolve();
      };
    });
  }

  #send(chunk: Uint8Array | string): void {
    if (this.#over) return;
    this.#sent++;
    this.#post({ t: "data", ...piece(chunk) });
  }

  #stop(ok: boolean): void {
    if (!this.#over) this.#post({ t: "end", ok });
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver();
  }
}
