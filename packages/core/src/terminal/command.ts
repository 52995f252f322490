import type { Clock } from "../clock.js";
import type { ExecuteCommand, ExecuteResult, Execution } from "../schemas/terminal-call.js";
import type { CommandExit, CommandStream, RunningTerminal } from "../spec/terminal.js";
import { HeadTail } from "./internal/head-tail.js";

/** Takes a command's output as it comes. */
export type OutputTap = (stream: CommandStream, bytes: Uint8Array) => void | Promise<void>;

/** A command that was asked for, with what it prints and how it ends. */
export interface CommandSettings {
  readonly n: number;
  readonly request: Omit<ExecuteCommand, "stdin">;
  readonly stdin: Uint8Array | undefined;
  readonly tap: OutputTap | undefined;
  readonly clock: Clock;
}

/** What a shell answers after a time-out (`timeout(1)`), and after an interrupt. */
const TIMED_OUT = 124;
const INTERRUPTED = 130;
const SHOWN_CHARACTERS = 4_096;

/** One command of a session, from the queue to its result. */
export class Command {
  readonly n: number;
  readonly #settings: CommandSettings;
  readonly #stop = new AbortController();
  readonly #stdout: HeadTail;
  readonly #stderr: HeadTail;
  #phase: Execution["phase"] = "queued";
  #timedOut = false;
  #startedAt: number | null = null;
  #durationMs: number | null = null;
  #exit: CommandExit | null = null;
  /** What went wrong with whoever takes the output. */
  #failure: { readonly error: unknown } | null = null;

  constructor(settings: CommandSettings) {
    this.#settings = settings;
    this.n = settings.n;
    const { maxOutputBytes } = settings.request;
    this.#stdout = new HeadTail(maxOutputBytes);
    this.#stderr = new HeadTail(maxOutputBytes);
  }

  get phase(): Execution["phase"] {
    return this.#phase;
  }

  /** The shell text, as long as it is worth showing. */
  get text(): string {
    return this.#settings.request.command.slice(0, SHOWN_CHARACTERS);
  }

  /** How it ended; null before. */
  get exitCode(): number | null {
    return this.#phase === "done" ? this.#exitCode() : null;
  }

  /** Stops it, or keeps it from starting. */
  stop(): void {
    this.#stop.abort();
  }

  /** Runs it to its end. @throws GatewayError when the terminal itself fails, and what the output's taker throws */
  async run(execute: NonNullable<RunningTerminal["execute"]>): Promise<ExecuteResult> {
    const { request, stdin, clock } = this.#settings;
    this.#phase = "running";
    this.#startedAt = clock.monotonic();
    const cancel = clock.after(request.timeoutMs, () => {
      this.#timedOut = !this.#stop.signal.aborted;
      this.#stop.abort();
    });
    try {
      this.#exit = this.#stop.signal.aborted
        ? { exitCode: INTERRUPTED }
        : await execute({
            command: request.command,
            stdin,
            cwd: request.cwd,
            env: request.env,
            signal: this.#stop.signal,
            onOutput: (stream, bytes) => {
              (stream === "stdout" ? this.#stdout : this.#stderr).push(bytes);
              return this.#hand(stream, bytes);
            },
          });
    } catch (error) {
      // What is stopped while its terminal closes may find nothing to run in.
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      cancel();
      this.#phase = "done";
      this.#durationMs = this.#elapsed();
    }
    if (this.#failure) throw this.#failure.error;
    return this.result();
  }

  /** What it printed so far, and how it ended. */
  result(): ExecuteResult {
    const { encoding } = this.#settings.request;
    const shown = (kept: HeadTail) => (encoding === "base64" ? kept.bytes().toString("base64") : kept.text());
    return { stdout: shown(this.#stdout), stderr: shown(this.#stderr), ...this.outcome() };
  }

  /** The result without its output. */
  outcome(): Omit<ExecuteResult, "stdout" | "stderr"> {
    const stopped = this.#stop.signal.aborted;
    return {
      exitCode: this.#exitCode(),
      ...(this.#exit?.signal !== undefined && !stopped ? { signal: this.#exit.signal } : {}),
      ...(this.#timedOut ? { timedOut: true as const } : {}),
      ...(stopped && !this.#timedOut ? { aborted: true as const } : {}),
      ...(this.#stdout.truncated || this.#stderr.truncated
        ? { truncated: true as const, stdoutBytes: this.#stdout.total, stderrBytes: this.#stderr.total }
        : {}),
    };
  }

  /** As `/executions/:n` shows it. */
  view(): Execution {
    return {
      n: this.n,
      phase: this.#phase,
      command: this.text,
      durationMs: this.#durationMs ?? (this.#startedAt === null ? null : this.#elapsed()),
      result: this.#phase === "queued" ? null : this.result(),
    };
  }

  /** Drivers call this from sockets' events, where nobody would catch anything. */
  #hand(stream: CommandStream, bytes: Uint8Array): void | Promise<void> {
    if (this.#failure) return;
    const fail = (error: unknown) => {
      this.#failure ??= { error };
      this.stop();
    };
    try {
      const taking = this.#settings.tap?.(stream, bytes);
      if (taking) return Promise.resolve(taking).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #exitCode(): number {
    if (this.#timedOut) return TIMED_OUT;
    return this.#stop.signal.aborted ? INTERRUPTED : (this.#exit?.exitCode ?? 0);
  }

  #elapsed(): number {
    return Math.round(this.#settings.clock.monotonic() - (this.#startedAt ?? 0));
  }
}
