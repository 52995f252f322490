import type { RunningTerminal, TerminalExit, TerminalReceiver, TerminalSize, TerminalStream } from "@sluice/core";
import { expect, vi } from "vitest";

const PATIENCE = { timeout: 10_000, interval: 10 };

/** An interactive stream as a test types into it and reads from it. */
export class TypedTerminal implements TerminalReceiver {
  readonly chunks: Uint8Array[] = [];
  readonly exits: TerminalExit[] = [];
  #stream: TerminalStream | null = null;
  #bytesAtExit = 0;

  /** Starts a terminal's stream. */
  static async on(terminal: RunningTerminal, size: TerminalSize = { cols: 80, rows: 24 }): Promise<TypedTerminal> {
    const typed = new TypedTerminal();
    if (!terminal.openStream) throw new Error("this terminal has no stream");
    typed.#stream = await terminal.openStream(size, typed);
    return typed;
  }

  get stream(): TerminalStream {
    if (this.#stream === null) throw new Error("the stream has not started");
    return this.#stream;
  }

  onOutput(bytes: Uint8Array): void {
    this.chunks.push(bytes);
  }

  onExit(exit: TerminalExit): void {
    this.exits.push(exit);
    this.#bytesAtExit = this.bytes.length;
  }

  /** Bytes that came after the exit was told. */
  get bytesAfterExit(): number {
    return this.exits.length === 0 ? 0 : this.bytes.length - this.#bytesAtExit;
  }

  /** All bytes so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** All text so far. */
  get text(): string {
    return this.bytes.toString("utf8");
  }

  /** Types text. */
  type(text: string): Promise<void> {
    return this.stream.write(Buffer.from(text));
  }

  /** Waits until the text has come, or a pattern fits. */
  async until(expected: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.text).toMatch(expected), PATIENCE);
  }

  /** Waits for the end. */
  async exit(): Promise<TerminalExit> {
    await vi.waitFor(() => expect(this.exits).toHaveLength(1), PATIENCE);
    return this.exits[0] as TerminalExit; // just waited for
  }
}
