import type { ClientChannel } from "ssh2";
import { succeedsWithin } from "../../../clock.js";
import type { TerminalSize } from "../../../schemas/terminal.js";
import type { TerminalSignalName } from "../../../schemas/terminal-call.js";
import type { TerminalReceiver, TerminalStream } from "../../../spec/terminal.js";
import { channelExit, signalChannel } from "./channel.js";
import { openChannel, type RemoteHost } from "./remote-host.js";

const TERMINAL_TYPE = "xterm-256color";

/**
 * How much of what is typed goes out before the host has come to what went before: as much as a terminal holds for a program that
 * does not read yet. OpenSSH makes up for what a terminal without echo does not answer by a packet as long as what it could
 * write to it at once, and the library ends a connection with a packet of more than the 35,000 bytes of RFC 4253 6.1.
 */
const MOST_AHEAD_BYTES = 4 * 1024;
/** A host that answers later, or never, is not waited for. */
const MOST_PATIENCE_MS = 1_000;
/** What a program is given to read it, since nothing tells that it has. */
const READING_MS = 5;

/** Signals a terminal has a key for: they reach the program in the foreground, where a signal only reaches the shell. */
const KEYS: Partial<Record<TerminalSignalName, string>> = { INT: "\x03", QUIT: "\x1c" };

/**
 * Opens an interactive shell with a terminal of its own.
 * @throws GatewayError `remote_failed`
 */
export function openShell(host: RemoteHost, size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream> {
  const window = { ...size, width: 0, height: 0, term: TERMINAL_TYPE };
  return openChannel(host, {
    what: "a shell",
    request: (client, done) => client.shell(window, done),
    begin: (channel) => new Shell(host, channel, receiver),
  });
}

class Shell implements TerminalStream {
  readonly #host: RemoteHost;
  readonly #channel: ClientChannel;
  readonly #ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #written: Promise<void> = Promise.resolve();
  /** Bytes that the host may not have dealt with. */
  #ahead = 0;
  #hungUp = false;

  constructor(host: RemoteHost, channel: ClientChannel, receiver: TerminalReceiver) {
    this.#host = host;
    this.#channel = channel;
    const onOutput = (bytes: Uint8Array) => receiver.onOutput(bytes);
    channel.on("data", onOutput);
    channel.stderr.on("data", onOutput);
    channel.on("error", () => {}); // shows in the end
    this.#ended = channelExit(channel).then((exit) => {
      for (const goOn of this.#waiting) goOn();
      this.#waiting.clear();
      const reason = this.#hungUp ? "closed" : exit ? "exited" : "connection_lost";
      receiver.onExit({ ...(exit ?? { code: null, signal: null }), reason });
    });
  }

  /** One after the other, so that a long one stays whole. */
  write(bytes: Uint8Array): Promise<void> {
    this.#written = this.#written.then(() => this.#writePieces(bytes));
    return this.#written;
  }

  async #writePieces(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MOST_AHEAD_BYTES) {
      const piece = bytes.subarray(at, at + MOST_AHEAD_BYTES);
      if (this.#ahead + piece.length > MOST_AHEAD_BYTES) await this.#caughtUp();
      this.#ahead += piece.length;
      await this.#send(piece);
    }
  }

  /** Waits until the host has come to what was sent last: it answers in order, here that it forwards nothing. */
  async #caughtUp(): Promise<void> {
    if (!this.#channel.writable) return;
    const { client, clock } = this.#host;
    const answer = new Promise<void>((answered) => void client.unforwardIn("127.0.0.1", 0, () => answered()));
    await succeedsWithin(clock, MOST_PATIENCE_MS, answer); // it fails where the connection has ended
    await new Promise<void>((passed) => void clock.after(READING_MS, passed));
    this.#ahead = 0;
  }

  #send(bytes: Uint8Array): Promise<void> {
    if (!this.#channel.writable) return Promise.resolve();
    return new Promise((resolve) => {
      // The library forgets a write when the channel closes meanwhile.
      const settle = () => {
        this.#waiting.delete(settle);
        resolve();
      };
      this.#waiting.add(settle);
      this.#channel.write(bytes, settle);
    });
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#channel.setWindow(rows, cols, 0, 0);
  }

  signal(name: TerminalSignalName): void {
    const key = KEYS[name];
    if (key !== undefined) void this.write(Buffer.from(key));
    else signalChannel(this.#channel, name);
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  close(): Promise<void> {
    this.#hungUp = true;
    this.#channel.resume(); // a close comes after everything has been read
    this.#channel.close();
    return this.#ended;
  }
}
