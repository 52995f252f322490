import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import type { OpenLocalTerminal, TerminalSize } from "../../../schemas/terminal.js";
import type {
  CommandExit,
  RunningTerminal,
  TerminalCommand,
  TerminalReceiver,
  TerminalStream,
} from "../../../spec/terminal.js";
import type { SessionLimits } from "./launch.js";
import { MARK } from "./process-set.js";
import { loadPty } from "./pty-binding.js";
import { PtyStream } from "./pty-stream.js";
import { reasonOf } from "./reason.js";
import { ResidentEngine } from "./resident-engine.js";
import type { RunAs } from "./run-as.js";
import { SessionFolder } from "./session-folder.js";
import { dialectOf } from "./shell-dialect.js";

/** What {@link LocalTerminal} works with. */
export interface LocalTerminalSettings {
  readonly shell: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly runAs: RunAs | undefined;
  readonly limits: SessionLimits;
  /** The directory of all sessions. */
  readonly base: string;
  /** Names the session among all processes of the machine. */
  readonly mark: string;
  readonly clock: Clock;
  /** Takes what background jobs print after their command has ended. */
  onLateOutput?(bytes: Uint8Array): void;
  readonly request: OpenLocalTerminal;
}

/** A terminal on this machine: one shell that runs commands, and on demand another one that people type into. */
export class LocalTerminal implements RunningTerminal {
  readonly details: RunningTerminal["details"];
  readonly #settings: LocalTerminalSettings;
  readonly #engine: ResidentEngine;
  #stream: PtyStream | null = null;
  #closing: Promise<void> | null = null;

  private constructor(settings: LocalTerminalSettings) {
    const { shell, cwd, env, runAs, limits, clock, base, mark } = settings;
    this.#settings = settings;
    this.details = { shell, ...(runAs ? { uid: runAs.uid } : {}) };
    this.#engine = new ResidentEngine({
      shell,
      dialect: dialectOf(shell),
      cwd,
      runAs,
      limits,
      clock,
      base,
      mark: `${mark}.run`,
      onLateOutput: (bytes) => settings.onLateOutput?.(bytes),
      env: { ...env, [MARK]: `${mark}.run` },
    });
  }

  /**
   * Starts the shell; leaves nothing behind when it cannot be started.
   * @throws GatewayError as the engine does, and the signal's reason
   */
  static async open(settings: LocalTerminalSettings, signal: AbortSignal): Promise<LocalTerminal> {
    const terminal = new LocalTerminal(settings);
    try {
      await terminal.#engine.open(signal);
      return terminal;
    } catch (error) {
      await terminal.close();
      throw error;
    }
  }

  /** @throws GatewayError `not_installed` without the native binding, `conflict` where the system has no room */
  async openStream(size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream> {
    loadPty(); // before anything is made for it
    const { shell, cwd, env, runAs, limits, clock, base, mark: own } = this.#settings;
    const mark = `${own}.pty`;
    try {
      const folder = SessionFolder.create(base, runAs);
      const marked = { ...env, [MARK]: mark };
      const settings = { shell, args: [], env: marked, cwd, size, runAs, limits, folder, mark, clock };
      const stream = await PtyStream.open(settings, receiver);
      this.#stream = stream;
      if (this.#closing) await stream.close();
      await stream.begun;
      return stream;
    } catch (cause) {
      throw new GatewayError("conflict", { details: `no screen can be started here now: ${reasonOf(cause)}`, cause });
    }
  }

  get cwd(): string | null {
    return this.#engine.cwd;
  }

  execute(command: TerminalCommand): Promise<CommandExit> {
    return this.#engine.execute(command);
  }

  restart(): Promise<void> {
    return this.#engine.restart();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#engine.close(), this.#stream?.close()]);
  }
}
