import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBase, folderIn } from "./session-base.js";

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "base-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** No process has this number (proc(5), pid_max). */
const DEAD = 4_194_305;

describe("the directory of all sessions", () => {
  it("is made beside those of other gateways, of which those of dead ones go", () => {
    const left = (name: string) => {
      mkdirSync(join(temporary, name, "sABC"), { recursive: true });
      writeFileSync(join(temporary, name, "sABC", "c.1"), "");
      return join(temporary, name);
    };
    const [dead, alive, another] = [left(`sluice-${DEAD}-a`), left(`sluice-${process.ppid}-b`), left("sluice-notes")];
    const target = left("elsewhere");
    symlinkSync(target, join(temporary, `sluice-${DEAD}-link`));
    const base = createBase(temporary);
    expect([dead, alive, another, target].map((path) => existsSync(path))).toEqual([false, true, true, true]);
    expect(existsSync(join(target, "sABC", "c.1"))).toBe(true);
    expect([dirname(base), lstatSync(base).mode & 0o777]).toEqual([temporary, 0o711]);
  });

  it("is made again where it was removed, and not where somebody has taken its name", () => {
    const base = createBase(temporary);
    rmSync(base, { recursive: true });
    expect(lstatSync(folderIn(base, false)).mode & 0o777).toBe(0o700);
    expect(lstatSync(folderIn(base, true)).mode & 0o777).toBe(0o711);
    expect(lstatSync(base).mode & 0o777).toBe(0o711);
    rmSync(base, { recursive: true });
    symlinkSync(temporary, base);
    expect(() => folderIn(base, false)).toThrow();
    rmSync(base);
    writeFileSync(base, "");
    expect(() => folderIn(base, false)).toThrow();
  });
});
