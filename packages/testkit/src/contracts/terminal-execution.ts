import { describe, expect, it } from "vitest";
import type { TerminalBench } from "./terminal-bench.js";

const MIB = 1024 * 1024;

/** Commands apart from the stream. */
export function describeExecution(at: TerminalBench): void {
  describe("execute", () => {
    it("keeps stdout and stderr apart and tells the exit status", async () => {
      const result = await at.execute(await at.open(), "echo out; echo err >&2; (exit 7)");
      expect(result).toMatchObject({ exitCode: 7 });
      expect([result.stdout.toString(), result.stderr.toString()]).toEqual(["out\n", "err\n"]);
    });

    it("hands every byte on as it is, both ways", async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const result = await at.execute(await at.open(), "cat; cat /dev/null >&2", { stdin: bytes });
      expect(result.stdout.equals(bytes)).toBe(true);
      expect(result.stderr).toHaveLength(0);
    });

    it("gives a command that reads nothing to read", async () => {
      expect(await at.execute(await at.open(), "cat; echo after")).toMatchObject({
        exitCode: 0,
        stdout: Buffer.from("after\n"),
      });
    });

    it("delivers much output whole, also to a slow reader", async () => {
      let taken = 0;
      const { exitCode } = await at.execute(await at.open(), `head -c ${4 * MIB} /dev/zero`, {
        async onOutput(_stream, { length }) {
          await new Promise((resolve) => setImmediate(resolve));
          taken += length;
        },
      });
      expect([exitCode, taken]).toEqual([0, 4 * MIB]);
    });

    it("tells the signal that ended a command", async () => {
      expect(await at.execute(await at.open(), "sh -c 'kill -9 $$'")).toMatchObject({ exitCode: 137 });
    });

    it("sees a directory and variables given for one command in this one alone", async () => {
      const terminal = await at.open();
      const one = { cwd: "/usr", env: { SLUICE_TEST: "it's a 'test' $HOME" } };
      const { stdout } = await at.execute(terminal, 'pwd; echo "$SLUICE_TEST"', one);
      expect(stdout.toString()).toBe("/usr\nit's a 'test' $HOME\n");
      expect((await at.execute(terminal, 'echo "[$SLUICE_TEST]"')).stdout.toString()).toBe("[]\n");
    });

    it("stops a command, runs nothing that follows in it, and stays usable", async () => {
      const terminal = await at.open();
      const stop = new AbortController();
      const running = at.execute(terminal, "echo begun; sleep 60; echo never", {
        signal: stop.signal,
        onOutput: (_stream, bytes) => {
          if (Buffer.from(bytes).includes("begun")) stop.abort();
          expect(Buffer.from(bytes).includes("never")).toBe(false);
        },
      });
      await running;
      expect((await at.execute(terminal, "echo alive")).stdout.toString()).toBe("alive\n");
    });
  });
}

/** Starting afresh. */
export function describeRestart(at: TerminalBench): void {
  describe("restart", () => {
    it("forgets what was there", async () => {
      const terminal = await at.open();
      await at.execute(terminal, "cd /usr; SLUICE_KEPT=yes");
      if (!terminal.restart) throw new Error("this terminal does not restart");
      await terminal.restart();
      const { stdout } = await at.execute(terminal, 'echo "[$SLUICE_KEPT]"; pwd');
      expect(stdout.toString()).toMatch(/^\[\]\n/);
      expect(stdout.toString()).not.toContain("/usr\n");
    });
  });
}
