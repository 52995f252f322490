import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { Clock } from "../../../clock.js";
import type { Pty } from "./pty-binding.js";

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;

interface Waiting {
  bytes: Uint8Array;
  readonly accepted: () => void;
}

/**
 * Writes what is typed into a pseudo-terminal, as fast as its program reads. The binding's own way holds up the whole process
 * while the program does not: Node.js tries again and again, at once, to write to what it takes for a blocking terminal.
 */
export class PtyWriter {
  readonly #pty: Pty;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #waitMs = FIRST_WAIT_MS;
  #cancel: (() => void) | null = null;

  constructor(pty: Pty, clock: Clock) {
    this.#pty = pty;
    this.#clock = clock;
  }

  /** Resolves when the terminal has taken all of it, or has ended. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((accepted) => {
      this.#waiting.push({ bytes, accepted });
      if (this.#cancel === null) this.#flush();
    });
  }

  /** The terminal has ended: nobody waits any longer. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const { accepted } of this.#waiting.splice(0)) accepted();
  }

  #flush(): void {
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      const taken = this.#take(first.bytes);
      if (taken === null) return this.end();
      first.bytes = first.bytes.subarray(taken);
      if (first.bytes.length > 0) return this.#wait(taken);
      this.#waiting.shift();
      first.accepted();
    }
  }

  /** Its program is given time to read; the more the longer it does not. */
  #wait(taken: number): void {
    this.#waitMs = taken > 0 ? FIRST_WAIT_MS : Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    this.#cancel = this.#clock.after(this.#waitMs, () => {
      this.#cancel = null;
      this.#flush();
    });
  }

  /** How much the terminal takes now; null where it takes nothing any more. */
  #take(bytes: Uint8Array): number | null {
    const fd: unknown = Reflect.get(this.#pty, "fd");
    const socket = socketOf(this.#pty);
    if (typeof fd !== "number" || socket === undefined) {
      this.#pty.write(Buffer.from(bytes)); // another version of the binding
      return bytes.length;
    }
    if (socket.destroyed) return null; // and the descriptor may be another's by now
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EAGAIN" ? 0 : null; // a system call's error
    }
  }
}

/** The binding's own socket, by which it can be seen whether the descriptor is still open. Absent in other versions. */
export function socketOf(pty: Pty): Socket | undefined {
  const socket: unknown = Reflect.get(pty, "_socket");
  return typeof socket === "object" && socket !== null && "destroyed" in socket ? (socket as Socket) : undefined;
}
