import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestOf, isWholeKey, keyIdOf, newApiKey, newKeyId } from "./api-key.js";

describe("API keys", () => {
  it("have their parts at fixed places, and only letters and digits in them", () => {
    for (let round = 0; round < 200; round++) {
      const id = newKeyId();
      const key = newApiKey(id);
      expect(key).toMatch(/^slc_[0-9A-Za-z]{57}$/);
      expect([keyIdOf(key), isWholeKey(key)]).toEqual([id, true]);
    }
  });

  it("use every character about as often", () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 500; round++) {
      for (const character of newApiKey("AAAAAAAA").slice(12, 55)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(62);
    const mean = (500 * 43) / 62;
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.4);
  });

  it("show a typing mistake at any place", () => {
    const key = newApiKey(newKeyId());
    for (let at = 4; at < key.length; at++) {
      const other = key[at] === "x" ? "y" : "x";
      expect(isWholeKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
    }
    for (const wrong of ["", "slc_", key.slice(1), `${key}0`, key.toLowerCase(), key.replace("slc_", "sk-_")]) {
      expect(isWholeKey(wrong)).toBe(false);
    }
  });

  it("are known by SHA-256 of all of them", () => {
    const key = newApiKey(newKeyId());
    expect(digestOf(key).toString("hex")).toBe(createHash("sha256").update(key).digest("hex"));
  });
});
