import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TerminalHandle } from "@sluice/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { terminals } from "./place.js";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** The session's own directory, as one of its commands finds it. */
async function folderOf(session: TerminalHandle): Promise<string> {
  const { stdout } = await session.execute("readlink /proc/$$/fd/255 || readlink /proc/self/fd/1");
  return stdout.trim().replace(/\/[^/]*$/, "");
}

/** The lines of a command's output, without those of nothing. */
async function linesOf(session: TerminalHandle, command: string): Promise<readonly string[]> {
  const { stdout } = await session.execute(command);
  return stdout.split("\n").filter((line) => line !== "");
}

describe.skipIf(!isRoot)(`the directory of another user's session${isRoot ? "" : " (needs root)"}`, () => {
  /** What that user must not read and not change. */
  function treasure(): string {
    const folder = mkdtempSync(join(tmpdir(), "treasure-"));
    chmodSync(folder, 0o755);
    const file = join(folder, "secret");
    writeFileSync(file, "the gateway's secret\n", { mode: 0o600 });
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return file;
  }

  const asNobody = (shell = "/bin/bash") =>
    terminals({ terminal: { runAs: { uid: NOBODY, gid: NOBODY }, shells: [shell] } });

  const NAMES = "c i e p1 p2 p3 p4 p5 p6 p7 p8 control snapshot state.0 state.1 state.2 aliases aliases.0";
  const PLANTS: readonly (readonly [what: string, plant: (target: string) => string])[] = [
    ["a link", (target) => `ln -sfn ${target} $path`],
    ["a hard link", (target) => `ln -f ${target} $path`],
    ["a link to a device", () => "ln -sfn /dev/zero $path"],
    ["a directory", () => "rm -f $path; mkdir $path"],
    ["a pipe", () => "rm -f $path; mkfifo $path"],
    ["a device", () => "rm -f $path; mknod $path c 1 5"],
    ["a file", () => "mv -T $(mktemp) $path"],
    ["nothing", () => "[ -e $path ] && rm -rf $path"],
  ];

  it.each(PLANTS)("takes %s in the place of nothing it holds, nor beside it", async (_what, plant) => {
    const { gateway } = await asNobody();
    const secret = treasure();
    const session = await gateway.terminals.open({ type: "local" });
    const folder = await folderOf(session);
    const before = readdirSync(folder).sort();
    // The names that the next commands will have, and those that are there.
    const names = `${NAMES} $(for n in 3 4 5 6 7 8 9; do echo c.$n i.$n e.$n; done)`;
    const planted = await linesOf(
      session,
      `d=${folder}; for name in ${names}; do path=$d/$name; ( ${plant(secret)} ) 2>/dev/null && echo $name; done; true`,
    );
    expect(planted).toEqual([]);
    expect(
      readdirSync(folder)
        .filter((name) => !/^[cie]\.\d+$/.test(name))
        .sort(),
    ).toEqual(before.filter((name) => !/^[cie]\.\d+$/.test(name)));
    for (let round = 0; round < 8; round++) {
      expect(await session.execute("cat", { stdin: "alive", env: { A: "1" } })).toMatchObject({ stdout: "alive" });
    }
    expect(readFileSync(secret, "utf8")).toBe("the gateway's secret\n");
    expect(lstatSync(secret)).toMatchObject({ uid: 0, mode: 0o100600 });
  });

  it("cannot be moved, removed or emptied, and no other user finds anything in it", async () => {
    const { gateway } = await asNobody();
    const session = await gateway.terminals.open({ type: "local" });
    const folder = await folderOf(session);
    const before = readdirSync(folder);
    const { stdout } = await session.execute(
      `exec 2>/dev/null; rm -rf ${folder}; mv ${folder} ${folder}.x && echo moved; ls ${folder} && echo listed`,
    );
    expect(stdout).toBe("");
    expect(readdirSync(folder)).toEqual(before);
    expect(lstatSync(folder)).toMatchObject({ uid: 0, gid: 0 });
    for (const name of readdirSync(folder)) {
      expect([name, lstatSync(join(folder, name)).mode & 0o777, lstatSync(join(folder, name)).uid]).toEqual([
        name,
        0o600,
        NOBODY,
      ]);
    }
    expect(await session.execute("exit 3")).toMatchObject({ exitCode: 3 });
    expect(await session.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
  });

  it("holds what its user wrote into it, which is read only as far as it may go", async () => {
    const { gateway } = await asNobody("/bin/dash");
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("alias greet='echo hello'");
    expect(await session.execute("exit 0")).toMatchObject({ exitCode: 0 });
    expect(await session.execute("greet")).toMatchObject({ stdout: "hello\n" });
    const folder = await folderOf(session);
    await session.execute(`truncate -s 200G ${folder}/aliases.0 ${folder}/aliases.1 ${folder}/aliases.2; kill -9 $$`);
    expect(await session.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
  });

  it("of its screen holds nothing up: pipes that are full, or say what they should not", async () => {
    const { gateway } = await asNobody();
    const session = await gateway.terminals.open({ type: "local" });
    const paths = "set -- $(tr '\\0' '\\n' </proc/$PPID/cmdline | grep -E '/(status|ack)$')";
    await session.send(`${paths}; echo nonsense >$1; timeout 1 sh -c "exec yes >$2"; echo over-$((1 + 1)); exit 5\n`);
    const shown = async () => Buffer.from((await session.read({ cursor: 0 })).data).toString();
    await expect.poll(shown, { timeout: 20_000 }).toContain("over-2");
    await expect.poll(() => session.detail().exit, { timeout: 20_000 }).toMatchObject({ code: 5 });
    expect(await session.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
  });

  it("leads its user nowhere that he may not go himself", async () => {
    const folder = mkdtempSync(join(tmpdir(), "closed-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const open = join(folder, "open");
    const { call, gateway } = await asNobody();
    mkdirSync(open, { mode: 0o777 });
    const refusals = await Promise.all(
      [open, join(folder, "missing")].map((cwd) => call("POST", "/v1/terminal/sessions", { type: "local", cwd })),
    );
    expect(refusals).toEqual([refusals[0], refusals[0]]);
    expect(refusals[0]).toMatchObject({ status: 400, body: { details: expect.stringContaining("cwd") } });
    const session = await gateway.terminals.open({ type: "local" });
    expect(await session.execute("pwd", { cwd: open })).toMatchObject({ stdout: "" });
  });

  it("has none of the groups that the gateway is in, on its screen neither", async () => {
    const groups = process.getgroups?.() ?? [];
    process.setgroups?.([4, 42]);
    onTestFinished(() => process.setgroups?.(groups));
    const { gateway } = await asNobody();
    const session = await gateway.terminals.open({ type: "local" });
    expect(await session.execute("id -G")).toMatchObject({ stdout: "65534\n" });
    await session.send("id -G; echo over-$((1 + 1))\n");
    const shown = async () => Buffer.from((await session.read({ cursor: 0 })).data).toString();
    await expect.poll(shown, { timeout: 15_000 }).toMatch(/65534\r\nover-2/);
    expect(process.getgroups?.()).toEqual(expect.arrayContaining([4, 42]));
  });

  it("left by another user under the name of a dead gateway's is not touched", async () => {
    const planted = join(tmpdir(), "sluice-999999999-planted");
    mkdirSync(planted);
    chownSync(planted, NOBODY, NOBODY);
    onTestFinished(() => rmSync(planted, { recursive: true }));
    const { gateway } = await asNobody();
    await gateway.terminals.open({ type: "local" });
    expect(existsSync(planted)).toBe(true);
  });
});

describe("a session of the gateway's own user recovers from", () => {
  const VANDALISM: readonly (readonly [what: string, command: string])[] = [
    ["an emptied directory", "rm -rf $d/*"],
    ["a removed directory", "rm -rf $d"],
    ["a file for a directory", "rm -rf $d; touch $d"],
    ["the directory of all sessions removed", "rm -rf $(dirname $d)"],
    ["links for pipes", "for p in $d/p*; do rm $p; ln -s /etc/passwd $p; done"],
    ["directories for pipes", "for p in $d/p*; do rm $p; mkdir $p; done"],
    ["files for pipes", "for p in $d/p*; do rm $p; echo planted >$p; done"],
    ["devices for pipes", "for p in $d/p*; do rm $p; ln /dev/zero $p || mknod $p c 1 5 || ln -s /dev/zero $p; done"],
    ["other pipes for pipes", "for p in $d/p*; do rm $p; mkfifo $p; done"],
    ["links for commands", "for n in $(seq 99); do ln -s /tmp/planted-by-a-session $d/c.$n; done"],
    ["directories for commands", "for n in $(seq 99); do mkdir $d/c.$n $d/i.$n; done"],
    ["nothing to read from", "rm $d/control; mkfifo $d/control; kill -9 $$"],
    ["a file to read from", "rm $d/control; echo 'echo planted' >$d/control; kill -9 $$"],
    [
      "directories for its state",
      "rm $d/state* $d/snapshot; mkdir $d/state.0 $d/state.1 $d/state.2 $d/snapshot; kill -9 $$",
    ],
    ["links for its state", "rm $d/state*; for n in 0 1 2; do ln -s /dev/zero $d/state.$n; done"],
    ["a full pipe", 'timeout 1 sh -c "exec yes : >$d/control"'],
    ["its own start directory removed", "cd /; rmdir $OLDPWD; kill -9 $$"],
  ];

  it.each(VANDALISM)(
    "%s",
    async (_what, command) => {
      const { gateway, call } = await terminals();
      const cwd = mkdtempSync(join(tmpdir(), "start-"));
      onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
      const session = await gateway.terminals.open({ type: "local", cwd });
      const folder = await folderOf(session);
      await session.execute(`d=${folder}; ${command}`, { timeoutMs: 5_000 });
      const at = `/v1/terminal/${session.id}`;
      for (const each of ["echo alive", "exit 3", "echo alive"]) {
        const { status, body } = await call("POST", `${at}/execute`, { command: each, timeoutMs: 5_000, stdin: "x" });
        expect(status).toBe(200);
        expect(body).not.toMatchObject({ result: { stdout: expect.stringMatching(/root:|planted/) } });
      }
      expect((await call("POST", `${at}/restart`, {})).status).toBe(200);
      const { body } = await call("POST", `${at}/execute`, { command: "echo alive", timeoutMs: 5_000 });
      expect(body).toEqual({ result: { stdout: "alive\n", stderr: "", exitCode: 0 } });
      expect((await call("POST", `${at}/send`, { data: "exit\n" })).status).toBe(200);
      expect((await call("DELETE", at)).status).toBe(200);
      expect(existsSync("/tmp/planted-by-a-session")).toBe(false);
    },
    60_000,
  );
});

describe("what cannot be ended", () => {
  const guardians = () =>
    readdirSync("/proc").filter((pid) => {
      try {
        const isOne = readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("\0sluice-terminals\0");
        return (
          isOne && readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[1] === String(process.pid)
        );
      } catch {
        return false; // ended
      }
    });

  it("a guardian that is stopped holds up no end, and one that is killed is replaced", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    const [first] = guardians().slice(-1);
    process.kill(Number(first), "SIGKILL");
    await expect.poll(() => guardians().filter((pid) => pid !== first).length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await session.execute("echo alive")).toMatchObject({ stdout: "alive\n" });
    for (const pid of guardians()) process.kill(Number(pid), "SIGSTOP");
    await gateway.close();
  }, 60_000);

  it.skipIf(!isRoot)(
    "a command that has become another user's program times out all the same, and the session goes on",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "setuid-"));
      chmodSync(folder, 0o755);
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const program = join(folder, "setpriv");
      copyFileSync("/usr/bin/setpriv", program);
      chmodSync(program, 0o4755);
      const built = fileURLToPath(new URL("../../../core/dist/index.js", import.meta.url));
      const code = `
      const { Gateway } = await import(${JSON.stringify(built)});
      const gateway = new Gateway({ terminal: { shells: ["/bin/bash"], env: { HOME: "/" } } });
      const session = await gateway.terminals.open({ type: "local" });
      const command = "exec ${program} --reuid=0 --regid=0 --clear-groups sleep 20";
      const { timedOut } = await session.execute(command, { timeoutMs: 300 });
      const { stdout } = await session.execute("echo alive");
      await session.execute(command, { timeoutMs: 300 });
      await gateway.close();
      console.log(timedOut, stdout);
    `;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
        uid: NOBODY,
        gid: NOBODY,
        cwd: "/",
        env: { HOME: "/" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let told = "";
      child.stdout.on("data", (text) => {
        told += text;
      });
      const status = await new Promise((resolve) => child.on("exit", resolve));
      expect([status, told]).toEqual([0, "true alive\n\n"]);
    },
    60_000,
  );
});
