import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { foregroundGroup, isAfter, MARK, processesOf, signalProcess, thisMoment, ticksOf } from "./process-set.js";
import { loadPty } from "./pty-binding.js";

/** A sleeping process that carries a mark. */
async function sleeper(mark: string) {
  const child = spawn("/bin/sleep", ["60"], { env: { [MARK]: mark }, detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child;
}

describe("processes of a session", () => {
  it("are found by their mark and by their session, and by no other's", async () => {
    const child = await sleeper("one.run");
    const found = processesOf(new Set(), "one.run");
    expect(found).toEqual([{ pid: child.pid, session: child.pid, startedAt: expect.any(Number) }]);
    expect(processesOf(new Set([child.pid ?? 0]), "other")).toEqual(found);
    for (const mark of ["one", "one.ru", "one.run2", "run"]) expect(processesOf(new Set(), mark)).toEqual([]);
  });

  it("are told from those before", async () => {
    const [older, moment, newer] = [await sleeper("old"), thisMoment(), await sleeper("new")];
    const [old] = processesOf(new Set(), "old");
    const [young] = processesOf(new Set(), "new");
    expect([old && isAfter(old, moment), young && isAfter(young, moment)]).toEqual([false, true]);
    expect([older.pid, newer.pid]).toEqual([old?.pid, young?.pid]);
  });

  it("are not signalled when their number is another's by now", async () => {
    const child = await sleeper("reused");
    const [entry] = processesOf(new Set(), "reused");
    if (!entry) return expect.unreachable("it was just started");
    signalProcess({ ...entry, startedAt: entry.startedAt - 1 }, "SIGKILL");
    expect(processesOf(new Set(), "reused")).toEqual([entry]);
    const gone = once(child, "exit");
    signalProcess(entry, "SIGKILL");
    expect((await gone)[1]).toBe("SIGKILL");
    signalProcess(entry, "SIGKILL"); // nobody is there
  });

  it("are told from those before by whole ticks", () => {
    expect(["0.00", "1.15", "4.35", "81.93", "1234.57"].map(ticksOf)).toEqual([0, 115, 435, 8_193, 123_457]);
  });

  it("have the foreground of a terminal's first process alone: another's may be another terminal's", async () => {
    const script = "sleep 60 & echo $!; wait";
    const options = { name: "xterm", cols: 80, rows: 24, cwd: "/", env: {}, encoding: null } as const;
    const pty = loadPty().spawn("/bin/sh", ["-c", script], options);
    onTestFinished(() => void process.kill(-pty.pid, "SIGKILL"));
    const child = await new Promise<number>((resolve) => void pty.onData((bytes) => resolve(Number(bytes))));
    expect(foregroundGroup(pty.pid)).toBe(pty.pid);
    expect(foregroundGroup(child)).toBeNull();
  });
});
