import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openDataDir } from "../src/data-dir.js";
import { LockHeld, takeLock } from "../src/lock-file.js";
import { temporaryDirectory } from "./temporary-directory.js";

let file: string;

beforeEach(() => {
  file = join(temporaryDirectory(), "lock");
});

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

function holder(): number | null {
  try {
    takeLock(file).release();
    return null;
  } catch (error) {
    if (error instanceof LockHeld) return error.pid;
    throw error;
  }
}

describe("a lock", () => {
  it("is had once, also within one process, and can be had again after its release", () => {
    const lock = takeLock(file);
    expect(holder()).toBe(process.pid);
    lock.release();
    expect(holder()).toBeNull();
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it("is readable for its owner alone and names the pid first", () => {
    const lock = takeLock(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Number(readFileSync(file, "utf8").split(" ")[0])).toBe(process.pid);
    lock.release();
  });

  it("is not released twice: another may have it by then", () => {
    const first = takeLock(file);
    first.release();
    const second = takeLock(file);
    first.release();
    expect(existsSync(file)).toBe(true);
    second.release();
  });
});

describe("what is left behind", () => {
  it.each([
    ["nothing in it", ""],
    ["no pid", "somebody was here"],
    ["a pid that cannot be", "99999999999999 - x"],
    ["this pid, from an earlier run of the container", `${process.pid} - another-instance`],
  ])("is taken over: %s", (_name, content) => {
    writeFileSync(file, content);
    expect(holder()).toBeNull();
  });

  it("is taken over from a process that is gone, and so is a takeover it did not finish", async () => {
    const claim = `${await deadPid()} - x`;
    writeFileSync(file, claim);
    writeFileSync(`${file}.takeover`, claim);
    expect(holder()).toBeNull();
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it.runIf(process.platform === "linux")("is taken over when its pid has gone to another process", () => {
    writeFileSync(file, `${process.ppid} another-boot/1 x`);
    expect(holder()).toBeNull();
  });

  it("is left alone while its process lives", () => {
    writeFileSync(file, `${process.ppid} - x`);
    expect(holder()).toBe(process.ppid);
  });
});

it("a data directory is for this user alone, and says who has it", () => {
  const path = join(file, "..", "data");
  const dataDir = openDataDir(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(() => openDataDir(path)).toThrow(/is in use by this very process; .*--data-dir/);
  dataDir.release();
  openDataDir(path).release();
});
