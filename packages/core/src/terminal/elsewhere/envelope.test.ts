import { type FakeClock, fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { Envelope } from "./envelope.js";
import type { Mail } from "./mail.js";

const call = { t: "call", id: "call-1", from: "a", call: { body: { command: "echo canary" } } } as unknown as Mail;

describe("an envelope between instances", () => {
  it("is opened by whom it is for, who shares the secret, and shows nothing on its way", () => {
    const clock = fakeClock();
    const [one, other] = [new Envelope("secret", clock), new Envelope("secret", clock)];
    const sealed = one.seal(call, "b");
    expect(Buffer.from(sealed, "base64").toString("latin1")).not.toContain("canary");
    expect(other.open(sealed, "b")).toEqual(call);
    expect(one.name).toBe(other.name);
    expect(new Envelope("another", clock).name).not.toBe(one.name);
  });

  type Change = (sealed: string, clock: FakeClock) => [text: string, to: string, secret: string];

  it.each<[string, Change]>([
    ["another instance", (sealed) => [sealed, "c", "secret"]],
    ["another secret", (sealed) => [sealed, "b", "other"]],
    ["a changed byte", (sealed) => [flipped(sealed), "b", "secret"]],
    ["nothing of ours", () => ["{}", "b", "secret"]],
    [
      "an old one",
      (sealed, clock) => {
        clock.advance(300_001);
        return [sealed, "b", "secret"];
      },
    ],
  ])("is not opened: %s", (_what, changed) => {
    const clock = fakeClock();
    const [text, to, secret] = changed(new Envelope("secret", clock).seal(call, "b"), clock);
    expect(new Envelope(secret, clock).open(text, to)).toBeNull();
  });

  it("with a call in it is opened once", () => {
    const clock = fakeClock();
    const [one, other] = [new Envelope("secret", clock), new Envelope("secret", clock)];
    const sealed = one.seal(call, "b");
    expect(other.open(sealed, "b")).toEqual(call);
    expect(other.open(sealed, "b")).toBeNull();
    clock.advance(299_000);
    expect(other.open(sealed, "b")).toBeNull();
    const said = one.seal({ t: "ack", n: 1, id: "call-1", from: "a" }, "b");
    expect(other.open(said, "b")).toEqual(other.open(said, "b"));
  });
});

function flipped(sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  return bytes.toString("base64");
}
