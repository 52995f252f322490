import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SessionFolder } from "./session-folder.js";

let base: string;
let folder: SessionFolder;

beforeEach(() => {
  base = mkdtempSync(join(realpathSync(tmpdir()), "folder-"));
  folder = SessionFolder.create(base, undefined);
});
afterEach(() => rmSync(base, { recursive: true }));

describe("a session's directory", () => {
  it("opens pipes, and nothing else that stands in their place", async () => {
    await folder.makePipes(["p"]);
    closeSync(folder.openPipe(folder.at("p"), constants.O_RDWR));
    writeFileSync(folder.at("file"), "text");
    mkdirSync(folder.at("directory"));
    symlinkSync(folder.at("p"), folder.at("link"));
    symlinkSync("/dev/zero", folder.at("device"));
    for (const name of ["file", "directory", "link", "device", "missing"]) {
      expect(() => folder.openPipe(folder.at(name), constants.O_RDONLY), name).toThrow();
    }
  });

  it("reads files, no more of them than it should, and nothing else", () => {
    folder.write("f", "text");
    expect([folder.read("f", 4), folder.read("f", 3)]).toEqual(["text", null]);
    symlinkSync("/etc/passwd", folder.at("link"));
    symlinkSync("/dev/zero", folder.at("device"));
    execFileSync("mkfifo", [folder.at("pipe")]);
    for (const name of ["link", "device", "pipe"]) expect(() => folder.read(name, 100), name).toThrow();
  });

  it("writes no file over what is there", () => {
    const other = join(base, "other");
    writeFileSync(other, "kept");
    symlinkSync(other, folder.at("link"));
    symlinkSync(join(base, "new"), folder.at("dangling"));
    mkdirSync(folder.at("directory"));
    for (const name of ["link", "dangling", "directory"]) expect(() => folder.write(name, "planted"), name).toThrow();
    folder.write("own", "text");
    expect(() => folder.write("own", "again")).toThrow();
  });

  it("leaves it to Node.js to find packages behind links", async () => {
    const modules = join(base, "node_modules");
    mkdirSync(join(base, "real"), { recursive: true });
    mkdirSync(modules);
    for (const name of ["one", "two"]) {
      writeFileSync(join(base, "real", `${name}.js`), "");
      symlinkSync(join(base, "real", `${name}.js`), join(modules, `${name}.js`));
    }
    const { resolve } = createRequire(join(base, "start.js"));
    expect(resolve("one.js")).toBe(join(base, "real", "one.js")); // from now on it knows what is above
    await folder.makePipes(["p"]);
    closeSync(folder.openPipe(folder.at("p"), constants.O_RDWR));
    expect(resolve("two.js")).toBe(join(base, "real", "two.js"));
  });
});
