import { GatewayError } from "../errors.js";
import type { TerminalExit, TerminalSize } from "../schemas/terminal.js";
import type { TerminalSignalName } from "../schemas/terminal-call.js";
import type { RunningTerminal, TerminalReceiver, TerminalStream } from "../spec/terminal.js";
import { OutputLog } from "./output-log.js";

/** Sees what happens on a screen, such as a transcript. */
export interface ScreenWitness {
  output(bytes: Uint8Array): void;
  resized(size: TerminalSize): void;
}

const LOG_BYTES = 1024 * 1024;
const MAX_QUEUED_BYTES = 1024 * 1024;

/** The interactive side of a session: one stream, started on first need, whose output any number of readers share. */
export class Screen implements TerminalReceiver {
  readonly log = new OutputLog(LOG_BYTES);
  readonly #terminal: RunningTerminal;
  readonly #witness: ScreenWitness | null;
  readonly #holders = new Set<object>();
  #stream: Promise<TerminalStream> | null = null;
  #started: TerminalStream | null = null;
  #size: TerminalSize;
  #exit: TerminalExit | null = null;
  #queuedBytes = 0;

  constructor(terminal: RunningTerminal, size: TerminalSize, witness: ScreenWitness | null) {
    this.#terminal = terminal;
    this.#size = size;
    this.#witness = witness;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  /** How the stream ended; null while it runs and before it starts. */
  get exit(): TerminalExit | null {
    return this.#exit;
  }

  /** The stream, started if need be. @throws GatewayError `conflict` after its end, `invalid_request`, `not_installed` */
  start(): Promise<TerminalStream> {
    if (this.#exit) {
      throw new GatewayError("conflict", { details: "the terminal's shell has ended; restart or delete the session" });
    }
    this.#stream ??= this.#open().catch((error: unknown) => {
      this.#stream = null; // what kept it from starting may pass
      throw error;
    });
    return this.#stream;
  }

  /** Resolves when the transport has accepted the bytes. @throws GatewayError as `start`, and `rate_limit_exceeded` */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
      throw new GatewayError("rate_limit_exceeded", { details: "the program reads too slowly; 1 MiB waits already" });
    }
    this.#queuedBytes += bytes.length;
    try {
      const stream = await this.start();
      await stream.write(bytes);
    } finally {
      this.#queuedBytes -= bytes.length;
    }
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#started?.resize(size);
    this.#witness?.resized(size);
  }

  signal(name: TerminalSignalName): void {
    this.#started?.signal(name);
  }

  /** Holds the program up until everybody who held it has let go. */
  hold(holder: object): void {
    this.#holders.add(holder);
    this.#started?.pause();
  }

  release(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#started?.resume();
  }

  onOutput(bytes: Uint8Array): void {
    this.log.append(bytes);
    this.#witness?.output(bytes);
  }

  onExit(exit: TerminalExit): void {
    this.#exit = exit;
    this.#started = null;
    this.log.close();
  }

  /** Ends the stream; the next need starts another, and the log goes on. */
  async restart(): Promise<void> {
    const stream = await this.#stream?.catch(() => null);
    await stream?.close();
    this.#stream = null;
    this.#exit = null;
    this.log.reopen();
  }

  async #open(): Promise<TerminalStream> {
    if (!this.#terminal.openStream) {
      throw new GatewayError("invalid_request", { details: "this kind of terminal only executes commands" });
    }
    const size = this.#size;
    const stream = await this.#terminal.openStream(size, this);
    if (this.#exit === null) this.#started = stream;
    if (this.#size !== size) stream.resize(this.#size);
    if (this.#holders.size > 0) stream.pause();
    return stream;
  }
}
