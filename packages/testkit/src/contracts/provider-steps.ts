import { expect, it } from "vitest";
import { type RecordingReceiver, recordingReceiver } from "../recording-receiver.js";
import type { ProviderPlace, UpstreamBehaviour } from "./provider-place.js";
import { quiet, stillness } from "./stillness.js";

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

/** Waits for a condition; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** How much a sender has sent once it has stopped to send more. */
export function heldAt(value: () => number): Promise<number> {
  return stillness(value, GIVE_UP_BYTES);
}

/** A test, unless there is a reason why it does not apply. A skipped test would be one that should run. */
export function unless(reason: string | undefined) {
  return (title: string, test: () => Promise<void>): void => {
    if (reason === undefined) it(title, test);
  };
}
