import { describe, expect, it, vi } from "vitest";
import type { TerminalBench } from "./terminal-bench.js";

/** Long enough to need many reads and writes on any transport. */
const LINES = 20_000;

/** Typing and reading. */
export function describeStream(at: TerminalBench): void {
  describe("stream", () => {
    it("types and reads", async () => {
      const terminal = await at.stream();
      await terminal.type("echo $((20 + 22))-done\n");
      await terminal.until("42-done");
    });

    it("keeps characters of several bytes whole", async () => {
      const terminal = await at.stream();
      await terminal.type("printf '\\303\\244\\342\\202\\254\\360\\237\\230\\200-%s\\n' end\n");
      await terminal.until("ä€😀-end");
    });

    it("tells the program its size, also a new one", async () => {
      const terminal = await at.stream();
      await terminal.type("stty size\n");
      await terminal.until(/24 80/);
      terminal.stream.resize({ cols: 255, rows: 40 });
      await vi.waitFor(async () => {
        await terminal.type("stty size\n");
        expect(terminal.text).toMatch(/40 255/);
      });
    });

    it("interrupts the foreground program", async () => {
      const terminal = await at.stream();
      // The program itself says that it has begun: a shell that says so may not have put it into the foreground yet, and
      // an interrupt in between reaches the shell alone, which waits for the program none the less.
      await terminal.type("sh -c \"echo be''gun; exec sleep 60\"\n");
      await terminal.until("begun");
      await terminal.type("\x03");
      await terminal.type("echo still-$((1 + 1))\n");
      await terminal.until("still-2");
    });

    it("takes a long paste", async () => {
      const terminal = await at.stream();
      await terminal.type("stty -echo; echo paste-$((1 + 1)); cat > /dev/null; stty echo; echo after-$((3 + 4))\n");
      await terminal.until("paste-2");
      await terminal.type(`${"x".repeat(70)}\n`.repeat(1_000));
      await terminal.type("\x04");
      await terminal.until("after-7");
    });

    it("holds output back while paused, and loses none of it", async () => {
      const terminal = await at.stream();
      await terminal.type(`i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo line-$i-; done; echo end-$((5 + 6))\n`);
      await terminal.until("line-10-");
      terminal.stream.pause();
      terminal.stream.resume();
      await terminal.until("end-11");
      const numbers = [...terminal.text.matchAll(/line-(\d+)-/g)].map(([, number]) => Number(number));
      expect(numbers.filter((number) => number > 0)).toEqual(Array.from({ length: LINES }, (_, index) => index + 1));
    });
  });
}

/** The end of the shell. */
export function describeExitStatus(at: TerminalBench): void {
  describe("end of the shell", () => {
    it("is told once, with its status, after the last output", async () => {
      const terminal = await at.stream();
      await terminal.type("echo last-$((1 + 1)); exit 5\n");
      expect(await terminal.exit()).toMatchObject({ code: 5, signal: null, reason: "exited" });
      expect(terminal.text).toContain("last-2");
      await terminal.stream.close();
      expect(terminal.exits).toHaveLength(1);
      expect(terminal.bytesAfterExit).toBe(0);
    });

    it("makes every later call do nothing", async () => {
      const terminal = await at.stream();
      await terminal.type("exit 0\n");
      await terminal.exit();
      await terminal.type("echo more\n");
      terminal.stream.resize({ cols: 100, rows: 30 });
      terminal.stream.signal("INT");
      terminal.stream.pause();
      terminal.stream.resume();
      await terminal.stream.close();
      expect(terminal.exits).toHaveLength(1);
    });
  });
}
