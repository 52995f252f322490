import {
  BINARY,
  CR,
  DO,
  DONT,
  ECHO,
  IAC,
  IS,
  LF,
  NUL,
  SB,
  SE,
  SEND,
  SUPPRESS_GO_AHEAD,
  TERMINAL_TYPE,
  WILL,
  WINDOW_SIZE,
  WONT,
} from "./codes.js";
import { type OptionState, type OptionStep, switchedOff, switchedOn } from "./option-side.js";

/** Options the other end may switch on for itself. */
const THEIRS = new Set([BINARY, ECHO, SUPPRESS_GO_AHEAD]);
/** Options it may ask of this end. No ENVIRON: it would hand variables out. */
const OURS = new Set([BINARY, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE]);

/** A longer subnegotiation is read to its end and thrown away. */
const MAX_SUBNEGOTIATION = 512;

/** Tried in turn by a server that asks again; the last is repeated, which says that there are no more (RFC 1091). */
const TERMINAL_TYPES = ["XTERM-256COLOR", "XTERM", "VT100"];

/** Options of {@link TelnetProtocol}. */
export interface TelnetProtocolOptions {
  readonly cols: number;
  readonly rows: number;
  /** Asked before each answer to a negotiation; false keeps this end silent from then on. */
  mayAnswer(): boolean;
}

/** What one piece of input came to. */
export interface TelnetInput {
  /** What the other end wrote to the terminal. */
  readonly data: Uint8Array;
  /** What has to be sent back. */
  readonly answer: Uint8Array;
}

type Position = "data" | "command" | "option" | "subnegotiation" | "subnegotiation-command";

/**
 * The client's end of a Telnet connection (RFC 854, 855, 1143) with TERMINAL-TYPE (1091), NAWS (1073), BINARY (856),
 * ECHO and SUPPRESS-GO-AHEAD. Bytes in, bytes out, no I/O: however the input is cut up, the output is the same.
 */
export class TelnetProtocol {
  readonly #options: TelnetProtocolOptions;
  readonly #theirs = new Map<number, OptionState>();
  readonly #ours = new Map<number, OptionState>();
  #cols: number;
  #rows: number;
  #position: Position = "data";
  #verb = 0;
  #subnegotiation: number[] = [];
  #afterCr = false;
  #heardCommand = false;
  #silent = false;
  #typesSent = 0;
  #answer: number[] = [];

  constructor(options: TelnetProtocolOptions) {
    this.#options = options;
    this.#cols = options.cols;
    this.#rows = options.rows;
  }

  /** True once an answer was not allowed: the other end negotiates without end. */
  get flooded(): boolean {
    return this.#silent;
  }

  /** Reads what the other end sent. */
  receive(bytes: Uint8Array): TelnetInput {
    const data = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (this.#position === "data" ? this.#isData(byte) : this.#isEscaped(byte)) data[length++] = byte;
    }
    const answer = Uint8Array.from(this.#answer);
    this.#answer = [];
    return { data: data.subarray(0, length), answer };
  }

  /** Makes what was typed fit to be sent: 0xFF doubled, a carriage return alone followed by NUL. */
  encode(data: Uint8Array): Uint8Array {
    const out: number[] = [];
    const binary = this.#ours.get(BINARY) === "yes";
    data.forEach((byte, index) => {
      out.push(byte);
      if (byte === IAC) out.push(IAC);
      if (byte === CR && !binary && data[index + 1] !== LF) out.push(NUL);
    });
    return Uint8Array.from(out);
  }

  /** Takes a new window size; returns what tells the other end, which is nothing unless it has asked. */
  resize(cols: number, rows: number): Uint8Array {
    this.#cols = cols;
    this.#rows = rows;
    return Uint8Array.from(this.#ours.get(WINDOW_SIZE) === "yes" ? this.#windowSize() : []);
  }

  #isData(byte: number): boolean {
    if (byte === IAC) {
      this.#position = "command";
      return false;
    }
    const padding = this.#afterCr && byte === NUL && this.#theirs.get(BINARY) !== "yes";
    this.#afterCr = byte === CR;
    return !padding;
  }

  /** Reads a byte inside a command. True when it is data after all: 0xFF, doubled. */
  #isEscaped(byte: number): boolean {
    switch (this.#position) {
      case "command":
        return this.#command(byte);
      case "option":
        this.#position = "data";
        this.#negotiate(byte);
        return false;
      case "subnegotiation":
        if (byte === IAC) this.#position = "subnegotiation-command";
        else this.#collect(byte);
        return false;
      default:
        this.#endSubnegotiation(byte);
        return false;
    }
  }

  #command(byte: number): boolean {
    this.#position = "data";
    if (byte === IAC) {
      this.#afterCr = false;
      return true;
    }
    if (byte === SB) {
      this.#subnegotiation = [];
      this.#position = "subnegotiation";
    } else if (byte >= WILL) {
      this.#verb = byte;
      this.#position = "option";
    }
    return false;
  }

  #endSubnegotiation(byte: number): void {
    if (byte === IAC) {
      this.#collect(IAC);
      this.#position = "subnegotiation";
    } else if (byte === SE) {
      this.#position = "data";
      this.#subnegotiated();
    } else {
      this.#command(byte); // its end is missing: what began is forgotten, and this is a command of its own
    }
  }

  #collect(byte: number): void {
    if (this.#subnegotiation.length <= MAX_SUBNEGOTIATION) this.#subnegotiation.push(byte);
  }

  #subnegotiated(): void {
    const [option, command, ...rest] = this.#subnegotiation;
    const asked = option === TERMINAL_TYPE && command === SEND && rest.length === 0;
    if (!asked || this.#ours.get(TERMINAL_TYPE) !== "yes") return;
    const name = TERMINAL_TYPES[Math.min(this.#typesSent++, TERMINAL_TYPES.length - 1)] ?? "";
    this.#say([IAC, SB, TERMINAL_TYPE, IS, ...Buffer.from(name), IAC, SE]);
  }

  #negotiate(option: number): void {
    if (!this.#heardCommand) this.#open();
    if (this.#verb === WILL || this.#verb === WONT) {
      const step = this.#step(this.#theirs, option, this.#verb === WILL, THEIRS);
      if (step.answer) this.#say([IAC, step.answer === "agree" ? DO : DONT, option]);
    } else {
      const step = this.#step(this.#ours, option, this.#verb === DO, OURS);
      if (step.answer) this.#say([IAC, step.answer === "agree" ? WILL : WONT, option]);
      if (step.answer === "agree" && option === WINDOW_SIZE) this.#say(this.#windowSize());
    }
  }

  /** Only to an end that speaks Telnet: the first command shows that it does. */
  #open(): void {
    this.#heardCommand = true;
    this.#theirs.set(SUPPRESS_GO_AHEAD, "asked");
    this.#say([IAC, DO, SUPPRESS_GO_AHEAD]);
  }

  #step(side: Map<number, OptionState>, option: number, on: boolean, acceptable: ReadonlySet<number>): OptionStep {
    const state = side.get(option) ?? "no";
    const step = on ? switchedOn(state, acceptable.has(option)) : switchedOff(state);
    side.set(option, step.state);
    return step;
  }

  #windowSize(): number[] {
    const sizes = [this.#cols >> 8, this.#cols & 0xff, this.#rows >> 8, this.#rows & 0xff];
    const escaped = sizes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
    return [IAC, SB, WINDOW_SIZE, ...escaped, IAC, SE];
  }

  #say(bytes: readonly number[]): void {
    if (!this.#silent && this.#options.mayAnswer()) this.#answer.push(...bytes);
    else this.#silent = true;
  }
}
