import { type Clock, succeedsWithin } from "../../../clock.js";
import type { TerminalExit, TerminalSize } from "../../../schemas/terminal.js";
import type { TerminalSignalName } from "../../../schemas/terminal-call.js";
import type { TerminalReceiver, TerminalStream } from "../../../spec/terminal.js";
import { ExitBarrier } from "./exit-barrier.js";
import { launching, type SessionLimits } from "./launch.js";
import { foregroundGroup, type ProcessEntry, processesOf } from "./process-set.js";
import { loadPty, type Pty } from "./pty-binding.js";
import { PtyWriter, socketOf } from "./pty-writer.js";
import { type RunAs, withoutGroups } from "./run-as.js";
import type { SessionFolder } from "./session-folder.js";
import { exitOfChild, nameOfSignal, signalOf } from "./signals.js";
import { stopProcesses } from "./stop-processes.js";

/** What runs in the terminal, and where. */
export interface PtySettings {
  readonly shell: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly size: TerminalSize;
  readonly runAs: RunAs | undefined;
  readonly limits: SessionLimits;
  /** A directory of its own; removed at the end. */
  readonly folder: SessionFolder;
  readonly mark: string;
  readonly clock: Clock;
}

const HANG_UP_MS = 2_000;

/** A shell in a pseudo-terminal. */
export class PtyStream implements TerminalStream {
  /**
   * Resolves once it is a terminal of its own, or has ended: a child that was just forked is in the gateway's session yet,
   * and what is meant for the terminal would miss it, or reach the gateway.
   */
  readonly begun: Promise<unknown>;
  readonly #settings: PtySettings;
  readonly #receiver: TerminalReceiver;
  readonly #barrier: ExitBarrier;
  readonly #pty: Pty;
  readonly #writer: PtyWriter;
  readonly #ended: Promise<void>;
  #paused = false;
  #over = false;

  private constructor(settings: PtySettings, receiver: TerminalReceiver, barrier: ExitBarrier, pty: Pty) {
    this.#settings = settings;
    this.#receiver = receiver;
    this.#barrier = barrier;
    this.#pty = pty;
    this.#writer = new PtyWriter(pty, settings.clock);
    socketOf(pty)?.on("error", () => {}); // the binding throws what it alone would hear of; it shows in the end
    pty.onData((bytes) => {
      receiver.onOutput(bytes);
      barrier.note();
    });
    this.#ended = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.#finish(exitCode, signal);
        resolve();
      });
    });
    this.begun = Promise.race([barrier.stands, this.#ended]);
  }

  /** @throws GatewayError `not_installed` */
  static async open(settings: PtySettings, receiver: TerminalReceiver): Promise<PtyStream> {
    const { spawn } = loadPty();
    const { shell, args, env, cwd, size, runAs, limits, folder, clock } = settings;
    let stream: PtyStream | null = null;
    const barrier = await ExitBarrier.create(folder, clock, () => stream?.isPaused ?? false);
    try {
      const [program, words] = launching({ cwd, otherwise: "/", limits }, barrier.command(shell, args));
      const name = env.TERM ?? "xterm-256color";
      const options = { name, ...size, cwd: "/", env, encoding: null, ...runAs };
      const pty = withoutGroups(runAs, () => spawn(program, words, options));
      stream = new PtyStream(settings, receiver, barrier, pty);
      return stream;
    } catch (error) {
      barrier.close();
      throw error;
    }
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Every process of the terminal. */
  processes(): readonly ProcessEntry[] {
    return processesOf(new Set([this.#pty.pid]), this.#settings.mark);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over) return;
    await this.#writer.write(bytes);
  }

  resize({ cols, rows }: TerminalSize): void {
    if (this.#over) return;
    try {
      this.#pty.resize(cols, rows);
    } catch {
      // Its last program has just ended, and its end is not told yet.
    }
  }

  signal(name: TerminalSignalName): void {
    const group = this.#over ? null : foregroundGroup(this.#pty.pid);
    if (group === null) return;
    try {
      process.kill(-group, `SIG${name}`);
    } catch {
      // It has just ended.
    }
  }

  pause(): void {
    if (this.#over || this.#paused) return;
    this.#paused = true;
    this.#pty.pause();
  }

  resume(): void {
    if (this.#over || !this.#paused) return;
    this.#paused = false;
    this.#pty.resume();
    this.#barrier.note();
  }

  async close(): Promise<void> {
    if (this.#over) return this.#ended;
    this.resume();
    this.#barrier.release();
    const { clock } = this.#settings;
    await succeedsWithin(clock, HANG_UP_MS, this.begun); // before, its processes would not be found
    await stopProcesses(() => this.processes(), { clock, graceMs: HANG_UP_MS, ask: "SIGHUP" });
    await this.#ended;
  }

  #finish(exitCode: number, signal: number | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#writer.end();
    const { code } = this.#barrier;
    this.#barrier.close();
    this.#receiver.onExit(code === null ? exitOfPty(exitCode, signal) : exitOfShell(code));
  }
}

function exitOfShell(code: number): TerminalExit {
  return { code, signal: signalOf(code) ?? null, reason: "exited" };
}

/** The binding says 0 for a program that a signal has ended. */
function exitOfPty(exitCode: number, signal: number | undefined): TerminalExit {
  const name = signal ? nameOfSignal(signal) : undefined;
  const exit = exitOfChild(exitCode, name ?? null);
  return { code: exit.exitCode, signal: exit.signal ?? null, reason: "exited" };
}
