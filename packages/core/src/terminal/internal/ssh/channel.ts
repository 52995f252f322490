import { constants } from "node:os";
import type { ClientChannel } from "ssh2";

/** How a program on another host ended. */
export interface RemoteExit {
  /** Exit status; null after a signal. */
  readonly code: number | null;
  /** Such as `SIGKILL`; null without one. */
  readonly signal: string | null;
}

/**
 * Resolves when a channel is closed and everything it brought has been read; with null when it closed without saying how
 * the program ended, as it does when the connection is lost.
 */
export function channelExit(channel: ClientChannel): Promise<RemoteExit | null> {
  return new Promise((resolve) => {
    let exit: RemoteExit | null = null;
    channel.once("exit", (code: number | null, signal?: string) => {
      exit = { code, signal: signal ?? null };
    });
    // Not on `exit`: the program's last output may come after it.
    channel.once("close", () => resolve(exit));
  });
}

/** The status as a shell reports it: 128 + n after signal n. */
export function exitStatus({ code, signal }: RemoteExit): number {
  const signals: Readonly<Record<string, number>> = constants.signals;
  return code ?? 128 + (signals[signal ?? ""] ?? 0);
}

/**
 * Signals the program of a channel. The library sends nothing once this end has said that no input comes any more,
 * although the protocol allows it (RFC 4254 6.9).
 */
export function signalChannel(channel: ClientChannel, name: string): void {
  // The library's own bookkeeping, which its types leave open.
  const outgoing = channel.outgoing as { state: string };
  const { state } = outgoing;
  if (state === "eof") outgoing.state = "open";
  channel.signal(name);
  outgoing.state = state;
}
