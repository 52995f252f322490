import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../clock.js";
import type { CommandStream, TerminalCommand } from "../../../spec/terminal.js";
import { MARK } from "./process-set.js";
import { ResidentEngine } from "./resident-engine.js";
import { dialectOf } from "./shell-dialect.js";

const clock = systemClock();
let base: string;
/** Where commands may leave something. */
let scratch: string;
let engine: ResidentEngine;
let mark: string;
let late: Uint8Array[];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "engine-"));
  scratch = mkdtempSync(join(tmpdir(), "scratch-"));
});
afterAll(() => {
  for (const folder of [base, scratch]) rmSync(folder, { recursive: true });
});

async function start(shell: string): Promise<void> {
  mark = clock.id("test");
  late = [];
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/root", [MARK]: mark };
  engine = new ResidentEngine({
    shell,
    dialect: dialectOf(shell),
    env,
    cwd: "/",
    runAs: undefined,
    limits: { processes: null, cpuSeconds: null, memoryMb: null },
    base,
    mark,
    clock,
    onLateOutput: (bytes) => void late.push(bytes),
  });
  await engine.open(new AbortController().signal);
}

interface Ran {
  readonly exitCode: number;
  readonly signal?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface More extends Partial<Omit<TerminalCommand, "stdin">> {
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

async function run(command: string, { stdin, timeoutMs, ...more }: More = {}): Promise<Ran> {
  const taken: Record<CommandStream, Uint8Array[]> = { stdout: [], stderr: [] };
  const exit = await engine.execute({
    command,
    stdin: stdin === undefined ? undefined : Buffer.from(stdin),
    cwd: undefined,
    env: undefined,
    signal: timeoutMs === undefined ? new AbortController().signal : AbortSignal.timeout(timeoutMs),
    onOutput: (stream, bytes) => void taken[stream].push(bytes),
    ...more,
  });
  return { ...exit, stdout: Buffer.concat(taken.stdout).toString(), stderr: Buffer.concat(taken.stderr).toString() };
}

/** Runs several commands; gives what the last one printed. */
async function last(...commands: readonly string[]): Promise<string> {
  let stdout = "";
  for (const command of commands) ({ stdout } = await run(command));
  return stdout;
}

const SHELLS = [
  ["bash", "/bin/bash"],
  ["dash", "/bin/dash"],
  ["zsh", "/usr/bin/zsh"],
] as const;

for (const [name, path] of SHELLS) {
  const missing = existsSync(path) ? "" : ` (needs ${path})`;
  describe.skipIf(missing !== "")(`${name}${missing}`, () => {
    beforeEach(() => start(path));
    afterEach(async () => {
      await engine.close();
      expect(engine.processes()).toEqual([]);
      expect(readdirSync(base)).toEqual([]);
    });

    describe("output", () => {
      it.each<[string, string, Partial<Ran>]>([
        ["apart", "echo out; echo err >&2; (exit 7)", { stdout: "out\n", stderr: "err\n", exitCode: 7 }],
        ["without a line's end", "printf abc", { stdout: "abc", exitCode: 0 }],
        ["before a comment", "echo a # the end", { stdout: "a\n" }],
        ["before a backslash", "echo a \\", { stdout: "a\n" }],
        ["of nothing", "", { stdout: "", stderr: "", exitCode: 0 }],
        ["of a comment", "# nothing", { stdout: "", stderr: "", exitCode: 0 }],
        ["of a heredoc", "cat <<END\none\ntwo\nEND", { stdout: "one\ntwo\n", exitCode: 0 }],
        ["of a heredoc without its end", "cat <<END\none", { stdout: "one\n" }],
        ["by the names of the streams", "echo a > /dev/stdout; echo b > /dev/stderr", { stdout: "a\n", stderr: "b\n" }],
        ["of a pipe into a stream", "echo a | tee /dev/stderr", { stdout: "a\n", stderr: "a\n" }],
        ["that looks like our reports", "echo 'done 1 0'; printf 'done 1 0\\n' >&2; false", { exitCode: 1 }],
      ])("%s", async (_what, command, expected) => {
        expect(await run(command)).toMatchObject(expected);
      });

      it("says where it stands, also after a shell that has ended", async () => {
        expect(engine.cwd).toBe("/");
        await run("cd /usr");
        expect(engine.cwd).toBe("/usr");
        await run("cd /tmp; exit 1");
        expect([engine.cwd, (await run("pwd")).stdout]).toEqual(["/usr", "/usr\n"]);
        await engine.restart();
        expect(engine.cwd).toBe("/");
      });

      it("is byte-exact, however large", async () => {
        const taken: Record<CommandStream, Uint8Array[]> = { stdout: [], stderr: [] };
        await run("head -c 200000 /dev/urandom > r; cp r s; cat r & cat s >&2; wait; md5sum r > m", {
          cwd: scratch,
          onOutput: (stream, bytes) => void taken[stream].push(bytes),
        });
        const [one, other] = [Buffer.concat(taken.stdout), Buffer.concat(taken.stderr)];
        expect(one).toHaveLength(200_000);
        expect(one.equals(other)).toBe(true);
      });

      it("passes 100 MB in bounded memory", async () => {
        let taken = 0;
        const before = process.memoryUsage().rss;
        await run("head -c 100000000 /dev/zero", {
          onOutput: (_stream, { length }) => {
            taken += length;
          },
        });
        expect(taken).toBe(100_000_000);
        expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
      });
    });

    describe("input", () => {
      it.each<[string, string, string | undefined, string]>([
        ["none for a reader", "cat; echo end", undefined, "end\n"],
        ["none for a builtin", 'read x; echo "[$x]"', undefined, "[]\n"],
        ["given", "tr a-z A-Z", "abc", "ABC"],
        ["for a part of the command", "head -n 1; echo end", "one\ntwo\n", "one\nend\n"],
      ])("%s", async (_what, command, stdin, stdout) => {
        expect(await run(command, stdin === undefined ? {} : { stdin })).toMatchObject({ stdout });
      });
    });

    describe("what stays", () => {
      it.each<[string, readonly string[], string]>([
        ["the directory", ["cd /usr", "pwd"], "/usr\n"],
        ["exported variables", ["export A='x y'", "sh -c 'echo $A'"], "x y\n"],
        ["plain variables", ["B='it'\\''s\n2'", 'echo "$B"'], "it's\n2\n"],
        ["functions", ['f() { echo "f $1"; }', "f 1"], "f 1\n"],
        ["aliases", ["alias greet='echo hello'", "greet you"], "hello you\n"],
        ["the status", ["(exit 9)", "echo $?"], "9\n"],
        ["the file mode mask", ["umask 027", "umask"], name === "zsh" ? "027\n" : "0027\n"],
        ["open files", ["exec 5>kept", "echo five >&5; exec 5>&-", "cat kept; rm kept"], "five\n"],
      ])("%s", async (_what, commands, stdout) => {
        await run(`cd ${scratch}`);
        expect(await last(...commands)).toBe(stdout);
      });

      it("background jobs, for wait", async () => {
        await run("(exit 6) & job=$!");
        expect(await run("wait $job")).toMatchObject({ exitCode: 6 });
      });
    });

    describe("a command that ends the shell", () => {
      it.each<[string, string, number]>([
        ["exit", "exit 3", 3],
        ["exec", "exec sh -c 'exit 4'", 4],
        ["kill", "kill -9 $$", 137],
        ["set -e", "set -e; echo 1; false; echo 2", 1],
      ])("%s leaves the session and its state", async (_what, command, exitCode) => {
        await run("cd /usr; A='a b'; export B=\"it's\"; alias greet='echo hello'; umask 027");
        expect(await run(command)).toMatchObject({ exitCode });
        expect(await last('greet "$PWD $A"; sh -c \'echo "$B"\'; umask')).toMatch(/^hello \/usr a b\nit's\n0?027\n$/);
      });

      it("keeps functions, or says that there are none where the shell cannot print them", async () => {
        await run('f() { echo "f $1"; }');
        await run("exit 3");
        const kept = { stdout: "f 2\n", exitCode: 0 };
        // dash knows no way to print a function, so a new one cannot be told of it.
        expect(await run("f 2")).toMatchObject(name === "dash" ? { stdout: "", exitCode: 127 } : kept);
      });

      it("does not keep set -e, which would end every shell after it", async () => {
        await run("set -e; false");
        expect(await run("false; echo alive")).toMatchObject({ stdout: "alive\n" });
      });

      it("keeps exported values of every kind", async () => {
        await run("IFS=x; X='a\nb  c\"d$e`f\\g'; Y=''; export Z='*'");
        await run("exit 0");
        expect(await last('printf \'%s|\' "$IFS" "$X" "$Y" "$Z"')).toBe('x|a\nb  c"d$e`f\\g||*|');
      });
    });

    describe("a command in error", () => {
      it.each([
        ["of syntax", "if then fi )("],
        ["with an open quote", "echo 'open"],
        ["with an open parenthesis", "(echo a"],
      ])("%s returns at once, and the session lives on where it was", async (_what, command) => {
        await run("cd /usr");
        const { exitCode, stderr } = await run(command);
        expect(exitCode).not.toBe(0);
        expect(stderr).not.toBe("");
        expect(await last("pwd")).toBe("/usr\n");
      });

      it.each(["break", "continue", "return 5"])("%s at the top", async (command) => {
        const { exitCode } = await run(command);
        if (command === "return 5") expect(exitCode).toBe(5);
        expect(await last("echo alive")).toBe("alive\n");
      });
    });

    describe("settings that could break the wrapper", () => {
      it.each<[string, string]>([
        ["set -u and set -x", "set -u; set -x"],
        ["set -f", "set -f"],
        ["set -v", "set -v"],
        ["set -C", "set -C"],
        ["PROMPT_COMMAND and PS4", "PROMPT_COMMAND='echo no; exit'; PS1='no '; PS4='no '"],
        ["IFS", "IFS=/"],
        ["functions", 'printf() { echo no; }; read() { echo no; }; cd() { echo no; }; echo() { command echo "$@"; }'],
        ["aliases", "alias printf='echo no' builtin='echo no' command='echo no' set='echo no' umask='echo no'"],
        ["closed descriptors", "exec 3>&- 4>&- 5>&-"],
        ["a moved output", "exec >/dev/null 2>&1"],
        ["readonly variables", "readonly LOCKED=1"],
        ["emptied PATH", "PATH="],
      ])("%s", async (_what, command) => {
        await run(command);
        expect(await run("echo z")).toMatchObject({ stdout: "z\n", exitCode: 0 });
        await run("exit 3");
        expect(await run("echo z")).toMatchObject({ stdout: "z\n", exitCode: 0 });
      });

      it("leaves no trace of the wrapper in stderr", async () => {
        await run("set -x");
        const { stderr } = await run("echo z");
        expect(stderr).toMatch(/^(?:\+[^\n]*echo z\n)?$/);
      });
    });

    describe("background jobs", () => {
      it("are not waited for", async () => {
        const begun = Date.now();
        expect(await run("sleep 30 & echo s")).toMatchObject({ stdout: "s\n" });
        expect(Date.now() - begun).toBeLessThan(10_000);
      });

      it("write into no later result", async () => {
        await run("(sleep 0.2; echo late; touch wrote) &", { cwd: scratch });
        const { stdout } = await run("while ! [ -e wrote ]; do sleep 0.02; done; echo now", { cwd: scratch });
        expect(stdout).toBe("now\n");
      });

      it("are heard after their commands, on both streams, byte for byte", async () => {
        const { stdout } = await run("mkfifo go; (read x <go; printf 'out\\0\\377'; echo err >&2) & echo at-once", {
          cwd: scratch,
        });
        expect([stdout, late.length]).toEqual(["at-once\n", 0]);
        await run("echo x >go", { cwd: scratch });
        const text = () => Buffer.concat(late).toString("latin1");
        await vi.waitFor(() => expect([text().includes("out\0\xff"), text().includes("err\n")]).toEqual([true, true]), {
          timeout: 10_000,
        });
      });
    });

    describe("a time-out", () => {
      it.each<[string, string]>([
        ["a program", "echo begun; sleep 60; echo never"],
        ["a pipeline", "echo begun; sleep 60 | sleep 61 | cat; echo never"],
        ["a loop of builtins", "echo begun; while :; do :; done; echo never"],
        ["one that ignores signals", "echo begun; sh -c \"trap '' INT TERM HUP; sleep 60\"; echo never"],
        ["one in a session of its own", "echo begun; setsid sh -c 'sleep 60 & sleep 60'; echo never"],
        ["a wedged shell", "echo begun; set -n"],
      ])("ends %s, runs nothing that follows, and leaves the session", async (_what, command) => {
        await run("cd /usr; A=kept");
        const { stdout } = await run(command, { timeoutMs: 400 });
        expect(stdout).toBe("begun\n");
        expect(await last('echo "$PWD $A"')).toBe("/usr kept\n");
        expect(engine.processes()).toHaveLength(1);
      });

      it("leaves older background jobs", async () => {
        await run("sleep 60 & job=$!");
        await run("sleep 61", { timeoutMs: 200 });
        expect(await last("kill -0 $job && echo lives")).toBe("lives\n");
      });
    });

    it("takes a command of 1 MB", async () => {
      expect(await run(`: ${"x".repeat(1_000_000)}; echo end`)).toMatchObject({ stdout: "end\n" });
    });

    it("gives one command a directory and variables", async () => {
      const one = { cwd: "/usr", env: { A: "it's $B" } };
      expect(await run('pwd; echo "$A"', one)).toMatchObject({ stdout: "/usr\nit's $B\n" });
      expect(await run("pwd", { cwd: "/not there" })).toMatchObject({ stdout: "" });
      expect(await last('echo "[$A]"')).toBe("[]\n");
    });

    it("forgets everything on restart", async () => {
      await run("cd /usr; A=1; sleep 60 &");
      await engine.restart();
      expect(await last('echo "$PWD [$A]"')).toBe("/ []\n");
      expect(engine.processes()).toHaveLength(1);
    });
  });
}
