import type { ClientChannel } from "ssh2";
import type { TerminalSize } from "../../../schemas/terminal.js";
import type { TerminalSignalName } from "../../../schemas/terminal-call.js";
import type { TerminalReceiver, TerminalStream } from "../../../spec/terminal.js";
import { channelExit, signalChannel } from "./channel.js";
import { openChannel, type RemoteHost } from "./remote-host.js";

const TERMINAL_TYPE = "xterm-256color";

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
    begin: (channel) => new Shell(channel, receiver),
  });
}

class Shell implements TerminalStream {
  readonly #channel: ClientChannel;
  readonly #ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #hungUp = false;

  constructor(channel: ClientChannel, receiver: TerminalReceiver) {
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

  write(bytes: Uint8Array): Promise<void> {
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
