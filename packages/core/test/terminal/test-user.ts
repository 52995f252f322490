import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";

/** A user of this machine, made for a test. */
export interface TestUser {
  readonly name: string;
  readonly password: string;
  /** What it has running, one line each. */
  processes(): readonly string[];
  /** Ends its processes and removes it and its home. */
  remove(): void;
}

/** Makes a user with a password and a home. Only root can. */
export function testUser(): TestUser {
  const name = `sluice-${randomBytes(4).toString("hex")}`;
  const password = `pw ${randomBytes(8).toString("hex")}`;
  execFileSync("useradd", ["--create-home", "--shell", "/bin/bash", name]);
  execFileSync("chpasswd", { input: `${name}:${password}\n` });
  return {
    name,
    password,
    processes() {
      const { stdout } = spawnSync("ps", ["-u", name, "-o", "args="], { encoding: "utf8" });
      return stdout.split("\n").filter((line) => line !== "" && !line.endsWith("<defunct>"));
    },
    remove() {
      spawnSync("pkill", ["-KILL", "-u", name]);
      execFileSync("userdel", ["--remove", "--force", name], { stdio: "ignore" });
    },
  };
}
