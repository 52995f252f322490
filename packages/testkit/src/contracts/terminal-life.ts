import { describe, expect, it, vi } from "vitest";
import type { TerminalBench } from "./terminal-bench.js";

/** Opening and closing. */
export function describeTerminalLife(at: TerminalBench): void {
  describe("life cycle", () => {
    it("closes, also when asked again, and reports no end of its own", async () => {
      const terminal = await at.open();
      await Promise.all([terminal.close(), terminal.close()]);
      await terminal.close();
      expect(at.ends).toEqual([]);
    });

    it("leaves nothing behind", async () => {
      const terminal = await at.open();
      await terminal.close();
      const gone = at.place.isGone;
      if (gone) await vi.waitFor(async () => expect(await gone(terminal)).toBe(true), { timeout: 5_000 });
    });

    it("opens nothing for somebody who has left", async () => {
      const reason = new Error("left");
      await expect(at.open({ signal: AbortSignal.abort(reason) })).rejects.toBeDefined();
    });

    it("shows only plain details", async () => {
      const { details } = await at.open();
      for (const value of Object.values(details)) expect(["string", "number", "boolean"]).toContain(typeof value);
    });
  });
}
