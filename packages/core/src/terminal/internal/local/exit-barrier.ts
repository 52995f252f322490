import { closeSync, constants, writeSync } from "node:fs";
import { Socket } from "node:net";
import type { Clock } from "../../../clock.js";
import { openBothEnds } from "./fifo.js";
import type { SessionFolder } from "./session-folder.js";

/**
 * Runs a program and stays until it is told that its output has been read: the kernel throws away what is left in a
 * terminal when its last program ends, so the last program must not end too early. It says when no signal of the terminal
 * ends it any more, and later the program's status; its user can say both too.
 */
const SCRIPT =
  's=$1; a=$2; shift 2; trap : HUP INT QUIT TERM; echo >"$s"; "$@"; r=$?; echo $r >"$s"; read x <"$a"; exit $r';
const STATUS = /(?:^|\n)(\d{1,3})\n/;

/** Without output for so long, everything has been read. */
const QUIET_MS = 10;

/** Holds a program's terminal open until its last output has been read. */
export class ExitBarrier {
  /** Resolves when it stands; a program that cannot be started has none. */
  readonly stands: Promise<void>;
  readonly #clock: Clock;
  readonly #folder: SessionFolder;
  readonly #status: Socket;
  readonly #keeper: number;
  readonly #ack: number;
  readonly #isHeld: () => boolean;
  #code: number | null = null;
  #cancel: (() => void) | null = null;
  #open = true;

  private constructor(folder: SessionFolder, clock: Clock, isHeld: () => boolean) {
    this.#folder = folder;
    this.#clock = clock;
    this.#isHeld = isHeld;
    this.#ack = folder.openPipe(folder.at("ack"), constants.O_RDWR);
    const [reader, keeper] = openBothEnds(folder, folder.at("status"));
    this.#keeper = keeper;
    this.#status = new Socket({ fd: reader, readable: true, writable: false });
    this.stands = new Promise((resolve) => this.#status.once("data", () => resolve()));
    this.#status.on("data", (text) => {
      const [, code] = STATUS.exec(text.toString("latin1")) ?? [];
      if (code === undefined) return;
      this.#code = Number(code);
      this.note();
    });
    this.#status.on("error", () => this.#status.destroy());
  }

  /** @param isHeld - whether the reader is stopped, so that silence says nothing */
  static async create(folder: SessionFolder, clock: Clock, isHeld: () => boolean): Promise<ExitBarrier> {
    try {
      await folder.makePipes(["status", "ack"]);
      return new ExitBarrier(folder, clock, isHeld);
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /** The program to start, which starts the given one. */
  command(program: string, args: readonly string[]): readonly [program: string, args: string[]] {
    const [status, ack] = [this.#folder.at("status"), this.#folder.at("ack")];
    return ["/bin/sh", ["-c", SCRIPT, "sh", status, ack, program, ...args]];
  }

  /** The program's own exit status; null while it runs, and when it was killed together with the barrier. */
  get code(): number | null {
    return this.#code;
  }

  /** There was output, or the reader goes on. */
  note(): void {
    if (this.#code === null || !this.#open) return;
    this.#cancel?.();
    this.#cancel = this.#clock.after(QUIET_MS, () => {
      if (!this.#isHeld()) this.release();
    });
  }

  /** Lets the program end, read or not. */
  release(): void {
    if (!this.#open) return;
    try {
      writeSync(this.#ack, "\n");
    } catch {
      // Full: it has something to read.
    }
  }

  /** Call it once the terminal has ended. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancel?.();
    this.#status.destroy();
    closeSync(this.#keeper);
    closeSync(this.#ack);
    this.#folder.remove();
  }
}
