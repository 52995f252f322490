import type { Clock } from "../clock.js";
import type { TerminalSize } from "../schemas/terminal.js";
import { CLOSE_CODES, type MessageSocket } from "../spec/message-socket.js";
import { Attachment, type AttachmentRights, type Seats } from "./attachment.js";
import type { Screen } from "./screen.js";

/** What may be told to everybody who is attached. */
export type Announcement =
  | {
      readonly t: "exec";
      readonly phase: "start" | "end";
      readonly n: number;
      readonly command: string;
      readonly exitCode: number | null;
    }
  | { readonly t: "size"; readonly cols: number; readonly rows: number };

/** Everybody who is attached to a session. One of them drives: types, and decides the size. */
export class Audience implements Seats<Attachment> {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #attachments = new Set<Attachment>();
  #driver: Attachment | null = null;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
  }

  get size(): number {
    return this.#attachments.size;
  }

  /** Takes somebody in. */
  join(socket: MessageSocket, rights: AttachmentRights): void {
    const attachment = new Attachment({ socket, rights, screen: this.#screen, clock: this.#clock, audience: this });
    this.#attachments.add(attachment);
  }

  /** Somebody has gone; the next who wants to drive does. */
  leave(attachment: Attachment): void {
    this.#attachments.delete(attachment);
    if (this.#driver !== attachment) return;
    this.#driver = null;
    const next = [...this.#attachments].find(({ wantsToDrive }) => wantsToDrive);
    if (next) this.drive(next);
  }

  /** Whether somebody drives. */
  isDriver(attachment: Attachment): boolean {
    return this.#driver === attachment;
  }

  /** Takes the seat when nobody has it. */
  driveIfFree(attachment: Attachment): void {
    if (this.#driver === null) this.drive(attachment);
  }

  /** Takes the seat, whoever has it. */
  drive(attachment: Attachment): void {
    const before = this.#driver;
    if (before === attachment) return;
    this.#driver = attachment;
    before?.tellRole();
    attachment.tellRole();
  }

  /** The driver's window has another size. */
  resize({ cols, rows }: TerminalSize): void {
    this.#screen.resize({ cols, rows });
    this.announce({ t: "size", cols, rows });
  }

  announce(announcement: Announcement): void {
    for (const attachment of this.#attachments) attachment.tell(announcement);
  }

  /** Sends everybody away. */
  dismiss(why: keyof typeof CLOSE_CODES): void {
    for (const attachment of this.#attachments) attachment.dismiss(CLOSE_CODES[why], why);
  }
}
