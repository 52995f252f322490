import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../clock.js";
import type { TerminalSize } from "../../schemas/terminal.js";
import type { Logger } from "../../spec/logger.js";
import type { ScreenWitness } from "../screen.js";

const MAX_BYTES = 64 * 1024 * 1024;
/** Sets the clipboard of whoever plays the transcript (xterm, OSC 52). */
const CLIPBOARD = /\x1b\]52;[^\x07\x1b]*(?:\x07|\x1b\\)?/g;

/** Where and whose a transcript is. */
export interface TranscriptSettings {
  readonly folder: string;
  readonly sessionId: string;
  readonly size: TerminalSize;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Writes what a terminal shows into a file, in the form of asciicast v2; `asciinema play` shows it. */
export class Transcript implements ScreenWitness {
  readonly #file: WriteStream;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #decoder = new StringDecoder("utf8");
  #bytes = 0;

  constructor({ folder, sessionId, size, clock, logger }: TranscriptSettings) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    const fail = (error: unknown) => logger.error({ err: error, sessionId }, "the transcript cannot be written");
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      fail(error); // and so will the file, below
    }
    this.#file = createWriteStream(join(folder, `${sessionId}.cast`), { flags: "wx", mode: 0o600 });
    this.#file.on("error", fail);
    const timestamp = Math.floor(clock.now() / 1_000);
    this.#line({ version: 2, width: size.cols, height: size.rows, timestamp });
  }

  output(bytes: Uint8Array): void {
    const text = this.#decoder.write(Buffer.from(bytes)).replace(CLIPBOARD, "");
    if (text !== "") this.#event("o", text);
  }

  resized({ cols, rows }: TerminalSize): void {
    this.#event("r", `${cols}x${rows}`);
  }

  /** Resolves when everything is on the disk. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#file.once("close", resolve);
      if (this.#file.closed) resolve();
      else this.#file.end();
    });
  }

  #event(code: string, data: string): void {
    this.#line([(this.#clock.monotonic() - this.#startedAt) / 1_000, code, data]);
  }

  /** What is too long is cut off: a flood must not fill the disk. */
  #line(value: unknown): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#bytes += line.length;
    if (this.#bytes <= MAX_BYTES && !this.#file.destroyed) this.#file.write(line);
  }
}
