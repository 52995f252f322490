import type { Clock } from "../../../clock.js";
import type { OpenLocalTerminal, TerminalSize } from "../../../schemas/terminal.js";
import type {
  CommandExit,
  RunningTerminal,
  TerminalCommand,
  TerminalReceiver,
  TerminalStream,
} from "../../../spec/terminal.js";
import { MARK } from "./process-set.js";
import { loadPty } from "./pty-binding.js";
import { PtyStream } from "./pty-stream.js";
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
  readonly #folder: SessionFolder;
  readonly #engine: ResidentEngine;
  #stream: PtyStream | null = null;
  #closing: Promise<void> | null = null;

  private constructor(settings: LocalTerminalSettings, folder: SessionFolder) {
    const { shell, cwd, env, runAs, clock, mark } = settings;
    this.#settings = settings;
    this.#folder = folder;
    this.details = { shell, ...(runAs ? { uid: runAs.uid } : {}) };
    this.#engine = new ResidentEngine({
      shell,
      dialect: dialectOf(shell),
      cwd,
      runAs,
      clock,
      folder,
      mark: `${mark}.run`,
      onLateOutput: (bytes) => settings.onLateOutput?.(bytes),
      env: { ...env, [MARK]: `${mark}.run` },
    });
  }

  /** Starts the shell; leaves nothing behind when it cannot be started. */
  static async open(settings: LocalTerminalSettings): Promise<LocalTerminal> {
    const folder = await SessionFolder.create(settings.base, settings.runAs);
    const terminal = new LocalTerminal(settings, folder);
    try {
      await terminal.#engine.open();
      return terminal;
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /** @throws GatewayError `not_installed` without the native binding */
  async openStream(size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream> {
    loadPty(); // before anything is made for it
    const { shell, cwd, env, runAs, clock, base, mark: own } = this.#settings;
    const mark = `${own}.pty`;
    const folder = await SessionFolder.create(base, runAs);
    const settings = { shell, args: [], env: { ...env, [MARK]: mark }, cwd, size, runAs, folder, mark, clock };
    this.#stream = await PtyStream.open(settings, receiver);
    return this.#stream;
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
    this.#folder.remove();
  }
}
