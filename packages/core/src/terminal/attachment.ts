import type { Clock } from "../clock.js";
import { isGatewayError } from "../errors.js";
import type { TerminalSize } from "../schemas/terminal.js";
import { AttachMessage } from "../schemas/terminal-attach.js";
import type { TerminalSignalName } from "../schemas/terminal-call.js";
import { CLOSE_CODES, type MessageSocket } from "../spec/message-socket.js";
import type { Screen } from "./screen.js";

/** What somebody who is attached may do besides looking. */
export interface AttachmentRights {
  /** Types. @throws GatewayError */
  send(bytes: Uint8Array): Promise<void>;
  /** Signals the foreground program. */
  signal(name: TerminalSignalName): void;
  /** Whether it may stay. */
  mayStay(): Promise<boolean>;
}

/** Who of all that are attached drives: types, and decides the size. */
export interface Seats<Member> {
  isDriver(member: Member): boolean;
  /** Takes the seat when nobody has it. */
  driveIfFree(member: Member): void;
  /** Takes the seat, whoever has it. */
  drive(member: Member): void;
  /** The driver's window has another size. */
  resize(size: TerminalSize): void;
  leave(member: Member): void;
}

/** What {@link Attachment} works with. */
export interface AttachmentSettings {
  readonly socket: MessageSocket;
  readonly rights: AttachmentRights;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly audience: Seats<Attachment>;
}

/** Bytes a client may owe an acknowledgement for; from here on it gets no more, and a driver holds the program up. */
const WINDOW_BYTES = 256 * 1024;
const FRAME_BYTES = 32 * 1024;
/** What somebody sees who comes without a cursor. */
const REPLAY_BYTES = 256 * 1024;
const HELLO_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 60_000;
/** RIS: what was on the screen before is none of what follows. */
const RESET = Buffer.from("\x1bc");
const OFFSET_BYTES = 8;

/** One person or program on a session's screen, over a WebSocket. */
export class Attachment {
  readonly #settings: AttachmentSettings;
  readonly #stopWatching: () => void;
  readonly #cancelHello: () => void;
  readonly #stopLooking: () => void;
  #greeted = false;
  #wantsToDrive = false;
  #sent = 0;
  #acknowledged = 0;
  #ignoredBytes = 0;
  #toldExit = false;
  #gone = false;

  constructor(settings: AttachmentSettings) {
    this.#settings = settings;
    const { socket, screen, clock } = settings;
    socket.onMessage = (message) => this.#heed(message);
    socket.onClose = () => this.#leave();
    this.#stopWatching = screen.log.watch(() => this.#pump());
    this.#cancelHello = clock.after(HELLO_WITHIN_MS, () => this.dismiss(CLOSE_CODES.mistake, "no hello"));
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () => void this.#lookAtRights());
  }

  get wantsToDrive(): boolean {
    return this.#wantsToDrive && this.#greeted;
  }

  /** Bytes that were typed without the right to. */
  get ignoredBytes(): number {
    return this.#ignoredBytes;
  }

  /** Tells who drives now. */
  tellRole(): void {
    this.tell({ t: "role", role: this.#role() });
    this.#steer();
  }

  /** Sends a control message, once the client has said hello. */
  tell(message: object): void {
    if (this.#greeted && !this.#gone) this.#settings.socket.send(JSON.stringify(message));
  }

  /** Ends the connection from our side. */
  dismiss(code: number, reason: string): void {
    if (this.#gone) return;
    this.#leave();
    this.#settings.socket.close(code, reason);
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#cancelHello();
    this.#stopLooking();
    this.#stopWatching();
    const { screen, audience } = this.#settings;
    screen.release(this);
    audience.leave(this);
  }

  /** Nobody stays longer than the credential is good; what cannot be looked up just now is not known to be gone. */
  async #lookAtRights(): Promise<void> {
    const mayStay = await this.#settings.rights.mayStay().catch(() => true);
    if (!mayStay) this.dismiss(CLOSE_CODES.expired, "expired");
  }

  /** Called from a socket's event: what cannot be done, such as a signal to a terminal that has ended, is told. */
  #heed(message: string | Uint8Array): void {
    try {
      this.#receive(message);
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  #tellFailure(error: unknown): void {
    this.tell({ t: "error", code: isGatewayError(error) ? error.code : "internal" });
  }

  #receive(message: string | Uint8Array): void {
    if (this.#gone) return;
    if (typeof message !== "string") return this.#type(message);
    const parsed = AttachMessage.safeParse(jsonOf(message));
    if (!parsed.success) return this.#mistake("this message is not understood");
    if ((parsed.data.t === "hello") === this.#greeted) return this.#mistake("hello comes first, and once");
    this.#act(parsed.data);
  }

  #act(message: AttachMessage): void {
    const { audience, rights } = this.#settings;
    switch (message.t) {
      case "hello":
        return this.#greet(message);
      case "ack":
        this.#acknowledged = Math.min(this.#sent, Math.max(this.#acknowledged, message.offset));
        return this.#pump();
      case "drive":
        this.#wantsToDrive = true;
        return audience.drive(this);
      case "resize":
        if (audience.isDriver(this)) audience.resize(message);
        return;
      case "signal":
        if (audience.isDriver(this)) rights.signal(message.signal);
    }
  }

  #greet({ cursor, mode, cols, rows }: Extract<AttachMessage, { t: "hello" }>): void {
    const { screen, audience } = this.#settings;
    const { log } = screen;
    this.#cancelHello();
    if (cursor !== undefined && cursor > log.end) return this.#mistake("the cursor is in the future");
    const from = cursor ?? Math.max(log.start, log.end - REPLAY_BYTES);
    this.#sent = from;
    this.#acknowledged = from;
    this.#wantsToDrive = mode === "drive";
    if (this.#wantsToDrive) audience.driveIfFree(this); // it has not said hello, so that `ready` comes first
    this.#greeted = true;
    if (audience.isDriver(this) && cols !== undefined && rows !== undefined) screen.resize({ cols, rows });
    this.tell({ t: "ready", cursor: from, start: log.start, size: screen.size, role: this.#role() });
    if (cursor === undefined) this.#frame(RESET, from);
    this.#pump();
  }

  #type(bytes: Uint8Array): void {
    if (!this.#greeted) return this.#mistake("hello comes first");
    if (!this.#settings.audience.isDriver(this)) {
      this.#ignoredBytes += bytes.length;
      return;
    }
    this.#settings.rights.send(bytes).catch((error: unknown) => this.#tellFailure(error));
  }

  /** Sends what the client has room for. */
  #pump(): void {
    if (!this.#greeted || this.#gone) return;
    const { log, exit } = this.#settings.screen;
    while (this.#sent < log.end && this.#sent - this.#acknowledged < WINDOW_BYTES) {
      const { bytes, cursor, dropped } = log.read(this.#sent, FRAME_BYTES);
      if (dropped > 0) {
        this.tell({ t: "gap", dropped });
        this.#acknowledged += dropped;
      }
      this.#sent = cursor;
      this.#frame(bytes, cursor);
    }
    this.#steer();
    if (exit === null) this.#toldExit = false;
    if (exit === null || this.#toldExit || this.#sent < log.end) return;
    this.#toldExit = true;
    this.tell({ t: "exit", code: exit.code, signal: exit.signal });
  }

  /** A driver who does not keep up holds the program up; a viewer who does not misses something. */
  #steer(): void {
    const { screen, audience } = this.#settings;
    const behind = screen.log.end - this.#acknowledged;
    if (this.#greeted && audience.isDriver(this) && behind >= WINDOW_BYTES) screen.hold(this);
    else screen.release(this);
  }

  #frame(bytes: Uint8Array, end: number): void {
    const frame = Buffer.allocUnsafe(OFFSET_BYTES + bytes.length);
    frame.writeBigUInt64BE(BigInt(end));
    frame.set(bytes, OFFSET_BYTES);
    this.#settings.socket.send(frame);
  }

  #mistake(reason: string): void {
    if (!this.#gone)
      this.#settings.socket.send(JSON.stringify({ t: "error", code: "invalid_request", details: reason }));
    this.dismiss(CLOSE_CODES.mistake, reason);
  }

  #role(): "drive" | "view" {
    return this.#settings.audience.isDriver(this) ? "drive" : "view";
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
