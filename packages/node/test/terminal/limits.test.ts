import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GatewayConfigInput } from "@sluice/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { terminals } from "./place.js";

const isRoot = process.getuid?.() === 0;
/** Users that nobody else is, so that nothing else counts. */
let uid = 61_000 + (process.pid % 1_000) * 4;

type TerminalOptions = NonNullable<GatewayConfigInput["terminal"]>;

/** A terminal of a user of its own. */
async function session(limits: TerminalOptions["limits"], shell = "/bin/bash") {
  uid++;
  const { gateway } = await terminals({ terminal: { runAs: { uid, gid: uid }, limits, shells: [shell] } });
  return gateway.terminals.open({ type: "local" });
}

/** How many processes a user has. */
function processesOf(user: number): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/status`, "latin1").includes(`\nUid:\t${user}\t`);
    } catch {
      return false; // ended
    }
  }).length;
}

describe.skipIf(!isRoot)(`the limits of a terminal${isRoot ? "" : " (needs root)"}`, () => {
  it.each(["/bin/bash", "/bin/dash", "/usr/bin/zsh"])(
    "hold in %s and on its screen, and cannot be raised",
    async (shell) => {
      const terminal = await session({ processes: 50, cpuSeconds: 600, memoryMb: 4_000 }, shell);
      const nproc = shell === "/bin/dash" ? "-p" : "-u";
      const ask = `ulimit -c; ulimit ${nproc}; ulimit -t; ulimit -v`;
      const raise = `ulimit ${nproc} 51 || ulimit -c 1 || ulimit -t 601 || ulimit -v 4096001 || echo no`;
      const { stdout } = await terminal.execute(`${ask}; (${raise}) 2>/dev/null`);
      expect(stdout).toBe("0\n50\n600\n4096000\nno\n");
      await terminal.send(`${ask}; echo over-$((1 + 1))\n`);
      const shown = async () => Buffer.from((await terminal.read({ cursor: 0 })).data).toString();
      await expect.poll(shown, { timeout: 15_000 }).toMatch(/0\r\n50\r\n600\r\n4096000\r\nover-2/);
    },
  );

  it("are 1,024 processes for a user of their own, and none for the gateway's", async () => {
    expect(await (await session(undefined)).execute("ulimit -u")).toMatchObject({ stdout: "1024\n" });
    expect(await (await session({ processes: null })).execute("ulimit -u")).not.toMatchObject({ stdout: "1024\n" });
    const { gateway } = await terminals();
    const own = await gateway.terminals.open({ type: "local" });
    const { stdout } = await own.execute("ulimit -u; ulimit -c");
    expect(stdout).toMatch(/^(?!1024\n).+\n0\n$/);
  });

  it("end a fork bomb: it grows no further, and goes with its command's time", async () => {
    const terminal = await session({ processes: 60 });
    const user = uid;
    let most = 0;
    const counting = setInterval(() => {
      most = Math.max(most, processesOf(user));
    }, 20);
    onTestFinished(() => clearInterval(counting));
    const { timedOut } = await terminal.execute("bomb() { bomb | bomb & }; bomb; sleep 60", { timeoutMs: 2_000 });
    expect(timedOut).toBe(true);
    expect(most).toBeGreaterThan(30);
    expect(most).toBeLessThanOrEqual(60);
    expect(await terminal.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
    await expect.poll(() => processesOf(user), { timeout: 15_000 }).toBe(1);
    await terminal.execute("bomb() { bomb | bomb & }; bomb", { timeoutMs: 2_000 }); // left in the background
    await terminal.close();
    await expect.poll(() => processesOf(user), { timeout: 15_000 }).toBe(0); // ended they are, but not all forgotten
  }, 60_000);

  it("end what computes or grows without end", async () => {
    const terminal = await session({ cpuSeconds: 1, memoryMb: 200 });
    const { exitCode } = await terminal.execute("sh -c 'while :; do :; done'", { timeoutMs: 60_000 });
    expect([137, 152]).toContain(exitCode);
    const { stdout } = await terminal.execute("head -c 400000000 /dev/zero | tail -c 300000000 | wc -c", {
      timeoutMs: 60_000,
    });
    expect(stdout).toBe("0\n");
    expect(await terminal.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
  }, 120_000);

  it("leave no core file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "core-"));
    chmodSync(folder, 0o777);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const terminal = await session(undefined);
    const { exitCode } = await terminal.execute(`cd ${folder}; ulimit -c unlimited; sh -c 'kill -SEGV $$'`);
    expect([exitCode, readdirSync(folder)]).toEqual([139, []]);
  });
});

describe("limits that are none", () => {
  it.each([{ processes: 0 }, { cpuSeconds: -1 }, { memoryMb: 1.5 }, { files: 3 }])("%j is refused", async (limits) => {
    const { Gateway } = await import("@sluice/core");
    expect(() => new Gateway({ terminal: { limits: limits as TerminalOptions["limits"] } })).toThrow("terminal.limits");
  });
});
