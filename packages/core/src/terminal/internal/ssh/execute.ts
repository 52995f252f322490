import type { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { Clock } from "../../../clock.js";
import type { CommandExit, CommandStream, TerminalCommand } from "../../../spec/terminal.js";
import { channelExit, exitStatus, type RemoteExit, signalChannel } from "./channel.js";
import { connectionLost } from "./failures.js";
import { remoteCommand } from "./remote-command.js";
import { openChannel, type RemoteHost } from "./remote-host.js";

/** How long a stopped program has to end by itself, and a killed one to be gone. */
const GRACE_MS = 500;

/**
 * Runs a command on a channel of its own: stdout and stderr apart, byte-exact.
 * @throws GatewayError `remote_failed`
 */
export async function execute(host: RemoteHost, command: TerminalCommand): Promise<CommandExit> {
  const line = remoteCommand(command.command, command);
  const { channel, ended } = await openChannel(host, {
    what: "the command",
    request: (client, done) => client.exec(line, done),
    begin: (opened) => ({ channel: opened, ended: channelExit(opened) }),
  });
  const read = Promise.all([
    pump(channel, "stdout", command.onOutput),
    pump(channel.stderr, "stderr", command.onOutput),
  ]);
  feed(channel, command.stdin);
  const stopped = stopping(channel, command.signal, host.clock);
  read.catch(() => {}); // waited for below, unless nothing more can be read
  const exit = await Promise.race([ended, stopped.gaveUp]);
  stopped.cancel();
  if (exit === null && !command.signal.aborted) throw connectionLost(host.name);
  if (exit !== STILL_THERE) await read;
  return toCommandExit(exit);
}

/** A program that outlived its killing, as far as can be seen from here. */
const STILL_THERE: RemoteExit = { code: null, signal: "SIGKILL" };

function toCommandExit(exit: RemoteExit | null): CommandExit {
  const { code, signal } = exit ?? STILL_THERE;
  const exitCode = exitStatus({ code, signal });
  return signal === null ? { exitCode } : { exitCode, signal };
}

/** Hands everything on, and holds the stream up while the receiver is busy. Both streams must be read, or no end comes. */
function pump(stream: Readable, name: CommandStream, onOutput: TerminalCommand["onOutput"]): Promise<void> {
  let taken: Promise<unknown> = Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.on("data", (bytes: Uint8Array) => {
      const busy = onOutput(name, bytes);
      if (!busy) return;
      stream.pause();
      taken = busy.finally(() => stream.resume());
      taken.catch(reject);
    });
    const end = () => void taken.then(() => resolve(), reject);
    stream.once("end", end);
    stream.once("close", end);
  });
}

/** Sends the input and says that no more comes, without which a program that reads would wait for ever. */
function feed(channel: ClientChannel, stdin: Uint8Array | undefined): void {
  channel.on("error", () => {}); // a program that does not read its input ends as it likes
  if (stdin === undefined || stdin.length === 0) channel.eof();
  else channel.write(stdin, () => channel.eof());
}

/**
 * Once the signal aborts: asks the program to end, then kills it, then closes the channel, which alone would leave the
 * program running. `gaveUp` resolves when even that brought no end: the host does not pass signals on.
 */
function stopping(channel: ClientChannel, signal: AbortSignal, clock: Clock) {
  let cancelStep = () => {};
  let giveUp: (exit: RemoteExit) => void;
  const gaveUp = new Promise<RemoteExit>((resolve) => {
    giveUp = resolve;
  });
  const steps = [
    () => signalChannel(channel, "TERM"),
    () => signalChannel(channel, "KILL"),
    () => channel.close(),
    () => giveUp(STILL_THERE),
  ];
  const next = () => {
    try {
      steps.shift()?.();
    } catch {
      // The connection has just ended, which shows elsewhere.
    }
    if (steps.length > 0) cancelStep = clock.after(GRACE_MS, next);
  };
  if (signal.aborted) next();
  else signal.addEventListener("abort", next, { once: true });
  return {
    gaveUp,
    cancel() {
      cancelStep();
      signal.removeEventListener("abort", next);
    },
  };
}
