import { StringDecoder } from "node:string_decoder";
import { referenceError } from "../error-shapes.js";
import { GatewayError, isGatewayError } from "../errors.js";
import type { ExecuteCommand, ExecuteResult } from "../schemas/terminal-call.js";
import type { ByteSink, ByteStream, LeaveSignal } from "../spec/http.js";
import type { CommandStream } from "../spec/terminal.js";
import type { TerminalHandle } from "../spec/terminal-session.js";

/** A running command's output as server-sent events: `stdout` and `stderr` as they come, then `exit` or `error`. */
export class CommandEvents implements ByteStream {
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  readonly #encoding: ExecuteCommand["encoding"];
  readonly #left: LeaveSignal;
  #sink: ByteSink | null = null;
  #waiting: string[] = [];
  #roomLeft = false;
  #onRoom: (() => void)[] = [];
  #ended = false;

  /**
   * Starts the command.
   * @throws GatewayError for what is wrong with the request
   */
  constructor(terminal: TerminalHandle, { command, onDisconnect, ...options }: ExecuteCommand, left: LeaveSignal) {
    this.#encoding = options.encoding;
    this.#left = left;
    left.addEventListener("abort", () => this.#makeRoom(), { once: true });
    const { result } = terminal.start(command, {
      ...options,
      signal: onDisconnect === "cancel" ? left : undefined,
      onOutput: (stream, bytes) => this.#output(stream, bytes),
    });
    result
      .then((outcome) => this.#exit(outcome))
      .catch((error: unknown) => this.#fail(error))
      .catch(() => {}); // whoever listened is gone
  }

  pipe(sink: ByteSink): { drain(): void } {
    this.#sink = sink;
    this.#roomLeft = true;
    for (const event of this.#waiting.splice(0)) this.#roomLeft = sink.write(event);
    if (this.#ended) sink.end();
    else if (this.#roomLeft) this.#makeRoom();
    return { drain: () => this.#makeRoom() };
  }

  /** Holds the command up while its reader is slow; one who has left is not waited for. */
  #output(stream: CommandStream, bytes: Uint8Array): void | Promise<void> {
    if (this.#left.aborted) return;
    this.#write(stream, { data: this.#text(stream, bytes) });
    if (!this.#roomLeft) return new Promise((resolve) => void this.#onRoom.push(resolve));
  }

  #exit({ stdout: _stdout, stderr: _stderr, ...outcome }: ExecuteResult): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#decoders[stream].end();
      if (rest !== "") this.#write(stream, { data: rest });
    }
    this.#write("exit", outcome);
    this.#end();
  }

  #fail(error: unknown): void {
    this.#write("error", referenceError(isGatewayError(error) ? error : new GatewayError("internal")));
    this.#end();
  }

  #text(stream: CommandStream, bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#encoding === "base64" ? buffer.toString("base64") : this.#decoders[stream].write(buffer);
  }

  #write(event: string, data: object): void {
    const frame = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    if (this.#sink) this.#roomLeft = this.#sink.write(frame);
    else this.#waiting.push(frame);
  }

  #makeRoom(): void {
    this.#roomLeft = true;
    for (const go of this.#onRoom.splice(0)) go();
  }

  #end(): void {
    this.#ended = true;
    this.#sink?.end();
  }
}
