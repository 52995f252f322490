import type { Clock } from "../../clock.js";
import type { Actor } from "../../spec/call.js";

/** What a ticket lets somebody do. */
export interface Admission {
  readonly sessionId: string;
  readonly actor: Actor;
}

interface Ticket extends Admission {
  readonly expiresAt: number;
}

const LIFE_MS = 30_000;

/** Lets browsers attach: a page cannot send headers with a WebSocket, and a lasting credential must not stand in a URL. */
export class Tickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A ticket for one attach within 30 seconds. */
  issue(admission: Admission): { readonly ticket: string; readonly expiresAt: number } {
    const now = this.#clock.now();
    for (const [ticket, { expiresAt }] of this.#tickets) if (expiresAt <= now) this.#tickets.delete(ticket);
    const ticket = this.#clock.id(this.#clock.id("")); // 256 bits
    const expiresAt = now + LIFE_MS;
    this.#tickets.set(ticket, { ...admission, expiresAt });
    return { ticket, expiresAt };
  }

  /** Takes a ticket; null for one that is unknown, used or old. */
  redeem(ticket: string): Admission | null {
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return found && found.expiresAt > this.#clock.now() ? found : null;
  }
}
