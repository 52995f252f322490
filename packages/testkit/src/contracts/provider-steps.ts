import { expect, it } from "vitest";
import { type RecordingReceiver, recordingReceiver } from "../recording-receiver.js";
import type { ProviderPlace, UpstreamBehaviour } from "./provider-place.js";

/** After this long nothing more is under way. */
const QUIET_MS = 30;
/** A sender that has come this far will not be held. */
const GIVE_UP_BYTES = 128 * 1024 ** 2;

/** Sends one call whose upstream behaves so. */
export function send(place: ProviderPlace, behaviour: UpstreamBehaviour): RecordingReceiver {
  const receiver = recordingReceiver();
  const { call } = place.prepare(behaviour);
  expect(() => place.provider.send(call, receiver)).not.toThrow();
  return receiver;
}

/** Exactly one ending, and nothing after it. */
export async function endsOnce(receiver: RecordingReceiver, how: "end" | "error"): Promise<void> {
  expect(await receiver.ended).toBe(how);
  await quiet();
  expect(receiver.endings).toBe(1);
  expect(receiver.log.at(-1)).toBe(how);
}

/** Pauses for a moment. */
export function rest(exchange: { pause(): void; resume(): void }): void {
  exchange.pause();
  setTimeout(() => exchange.resume(), 1);
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}

/** Waits for a condition; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The value once it has stopped to change. */
export async function stillness(value: () => number): Promise<number> {
  for (let last = Number.NaN; ; ) {
    await quiet();
    const next = value();
    if (next === last) return next;
    if (next > GIVE_UP_BYTES) return next;
    last = next;
  }
}

/** A test, unless there is a reason why it does not apply. A skipped test would be one that should run. */
export function unless(reason: string | undefined) {
  return (title: string, test: () => Promise<void>): void => {
    if (reason === undefined) it(title, test);
  };
}
