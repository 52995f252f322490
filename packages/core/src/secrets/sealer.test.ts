import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { configuredMasterKeys } from "./master-keys.js";
import { Sealer } from "./sealer.js";

const PLACE = { kind: "providers", id: "my-vendor" };
const SECRETS = { apiKey: ["sk-one", "sk-two"], headers: { "x-a": "ü\n🦙" } };

const newKey = () => randomBytes(32).toString("hex");

function sealer(masterKey: string | null, ...retiredMasterKeys: string[]): Sealer {
  return new Sealer(configuredMasterKeys({ masterKey, retiredMasterKeys }));
}

describe("a sealed secret", () => {
  it("opens under its master key, however that is written", () => {
    const key = randomBytes(32);
    const sealed = sealer(key.toString("hex")).seal(SECRETS, PLACE);
    for (const text of [key.toString("hex").toUpperCase(), key.toString("base64"), key.toString("base64url")]) {
      expect(sealer(text).open(sealed, PLACE)).toEqual(SECRETS);
    }
  });

  it("shows nothing of what is in it, and never looks the same", () => {
    const one = sealer(newKey());
    const texts = [one.seal(SECRETS, PLACE), one.seal(SECRETS, PLACE)];
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) {
      expect(text).toMatch(/^v1\.[\w-]{8}(?:\.[\w-]+){4}$/);
      const bytes = text.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
      expect([text, ...bytes].join()).not.toContain("sk-one");
    }
  });

  it("opens in its own place alone", () => {
    const one = sealer(newKey());
    const sealed = one.seal(SECRETS, PLACE);
    for (const place of [
      { ...PLACE, id: "other" },
      { ...PLACE, kind: "terminal-presets" },
    ]) {
      expect(() => one.open(sealed, place)).toThrow(expect.objectContaining({ code: "store_unavailable" }));
    }
  });

  it("does not open when a single character of it was changed", () => {
    const one = sealer(newKey());
    const sealed = one.seal(SECRETS, PLACE);
    for (let at = 0; at < sealed.length; at++) {
      // The last character of a part may carry bits that say nothing.
      if (!/[\w-]/.test(sealed[at] ?? "") || /^(?:\.|$)/.test(sealed.slice(at + 1))) continue;
      const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
      expect(() => one.open(changed, PLACE)).toThrow(expect.objectContaining({ status: expect.any(Number) }));
    }
    for (const text of ["", "v1", "v2.x", sealed.slice(0, -3), `${sealed}.x`]) {
      expect(() => one.open(text, PLACE)).toThrow(expect.objectContaining({ code: "store_unavailable" }));
    }
  });

  it("opens under a retired key, and is brought under the current one without being decrypted", () => {
    const [old, current] = [newKey(), newKey()];
    const sealed = sealer(old).seal(SECRETS, PLACE);
    const both = sealer(current, old);
    expect(both.open(sealed, PLACE)).toEqual(SECRETS);
    const again = both.reseal(sealed, PLACE);
    expect(again.split(".").slice(3)).toEqual(sealed.split(".").slice(3));
    expect(both.reseal(again, PLACE)).toBe(again);
    expect(sealer(current).open(again, PLACE)).toEqual(SECRETS);
    expect(() => sealer(current).open(sealed, PLACE)).toThrow(
      /the secrets of "my-vendor" among the providers are sealed with the master key [\w-]{8}, which is not here/,
    );
  });

  it("needs a master key, and says which", () => {
    expect(() => sealer(null).seal(SECRETS, PLACE)).toThrow(expect.objectContaining({ code: "not_configured" }));
    expect(() => sealer(null).seal(SECRETS, PLACE)).toThrow("set secrets.masterKey to 32 bytes");
  });
});

describe("a master key", () => {
  it.each([
    "short",
    "a".repeat(63),
    "g".repeat(64),
    randomBytes(31).toString("base64"),
    randomBytes(33).toString("hex"),
  ])("%j is none", (text) => {
    expect(() => sealer(text)).toThrow("Gateway options: secrets.masterKey: must be 32 bytes in hexadecimal or base64");
    expect(() => sealer(newKey(), text)).toThrow("Gateway options: secrets.retiredMasterKeys.0: must be");
  });
});
