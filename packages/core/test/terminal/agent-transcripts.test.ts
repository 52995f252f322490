import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@sluice/core";
import { type TerminalConversation, type TerminalPolicy, terminalTools } from "@sluice/core/terminal/agents";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let gateway: Gateway;
let folder: string;
let transcripts: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-transcripts-"));
  transcripts = join(folder, "a", "b");
  gateway = new Gateway({ terminal: { shells: ["/bin/bash"], env: { HOME: "/" } } });
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

function converse(policy: TerminalPolicy = {}): TerminalConversation {
  return terminalTools(gateway, {
    terminals: { local: { type: "local", cwd: folder } },
    approve: () => "once",
    transcripts,
    ...policy,
  }).conversation();
}

type Row = Record<string, unknown>;

function rowsOf(conversation: TerminalConversation): Row[] {
  const text = readFileSync(join(transcripts, `${conversation.id}.jsonl`), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a transcript", () => {
  it("tells who allowed what, by which rule, how it ended, and what it printed by its hash", async () => {
    const conversation = converse({
      identity: { id: "key_1", userId: "user_1", role: "admin" },
      allow: ["true"],
      approve: ({ command }) =>
        command === "no"
          ? { deny: "not today" }
          : { allow: command.includes("b") ? "once" : "conversation", by: "alice" },
    });
    for (const command of ["true", "echo a", "echo a", "no", "echo b >&2; exit 3"]) {
      await conversation.call("terminal_execute", { command });
    }
    await conversation.close();
    const rows = rowsOf(conversation);
    expect(rows[0]).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      event: "open",
      conversation: conversation.id,
      identity: "key_1",
      user: "user_1",
    });
    const told = rows
      .slice(1)
      .map(({ event, n, command, decision, by, exitCode, outputHash }) =>
        event === "decision" ? [n, command, decision, by] : [event, n, exitCode, outputHash],
      );
    expect(told).toEqual([
      [1, "true", "rule", "true"],
      ["end", 1, 0, sha256("")],
      [2, "echo a", "person", "alice"],
      ["end", 2, 0, sha256("a\n")],
      [3, "echo a", "remembered", "alice"],
      ["end", 3, 0, sha256("a\n")],
      [4, "no", "denied", "not today"],
      [5, "echo b >&2; exit 3", "person", "alice"],
      ["end", 5, 3, sha256("b\n")],
      ["close", undefined, undefined, undefined],
    ]);
    expect(rows[1]).toMatchObject({
      tool: "terminal_execute",
      terminal: "local",
      session: "local",
      sessionId: expect.stringMatching(/^term-/),
      cwd: folder,
      commandHash: sha256("true"),
      background: false,
    });
    expect(rows[2]).toMatchObject({ timedOut: false, durationMs: expect.any(Number) });
  });

  it("is its owner's alone, and one for each conversation that did anything", async () => {
    const [one, other, idle] = [converse(), converse(), converse()];
    await one.call("terminal_execute", { command: "true" });
    await other.call("terminal_execute", { command: "true" });
    await Promise.all([one, other, idle].map((each) => each.close()));
    expect(readdirSync(transcripts).sort()).toEqual([one, other].map(({ id }) => `${id}.jsonl`).sort());
    expect(statSync(join(transcripts, `${one.id}.jsonl`)).mode & 0o777).toBe(0o600);
    expect(statSync(transcripts).mode & 0o777).toBe(0o700);
  });

  it("is on the disk before a command runs", async () => {
    const conversation = converse();
    const { value } = await conversation.call("terminal_execute", { command: `cat ${transcripts}/*.jsonl` });
    expect(String(value.stdout)).toContain('"event":"decision","n":1');
    await conversation.close();
  });

  it("tells of what ran in the background to its end, which may be the conversation's", async () => {
    const conversation = converse();
    await conversation.call("terminal_execute", { command: "sleep 60", background: true });
    await conversation.close();
    expect(rowsOf(conversation).map(({ event }) => event)).toEqual(["open", "decision", "end", "close"]);
  });

  it("holds no secrets, and nothing that acts on a screen", async () => {
    const conversation = converse({ secrets: ["very-secret-value"] });
    const command = "echo very-secret-value password=hunter2 sk-0123456789abcdef # \u001b[2J\u202e";
    await conversation.call("terminal_execute", { command });
    await conversation.close();
    const text = readFileSync(join(transcripts, `${conversation.id}.jsonl`), "utf8");
    expect(text).not.toMatch(/very-secret|hunter2|sk-0123|[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(rowsOf(conversation)[1]).toMatchObject({
      command: "echo [redacted] password=[redacted] [redacted] # \\u{1b}[2J\\u{202e}",
      commandHash: sha256(command),
    });
  });

  it("that cannot be written lets nothing run", async () => {
    writeFileSync(join(folder, "a"), "in the way");
    const conversation = converse();
    const { value, isError } = await conversation.call("terminal_execute", { command: `touch ${folder}/ran` });
    expect([isError, value.error]).toEqual([true, expect.stringContaining("transcript cannot be written")]);
    expect(readdirSync(folder)).not.toContain("ran");
    rmSync(join(folder, "a"));
    expect((await conversation.call("terminal_execute", { command: "true" })).value.exitCode).toBe(0);
    await conversation.close();
    expect(rowsOf(conversation).map(({ event }) => event)).toEqual(["open", "decision", "end", "close"]);
  });

  it("follows nothing that somebody has put in its place", async () => {
    const conversation = converse();
    mkdirSync(transcripts, { recursive: true });
    symlinkSync(join(folder, "elsewhere"), join(transcripts, `${conversation.id}.jsonl`));
    expect((await conversation.call("terminal_execute", { command: "true" })).isError).toBe(true);
    await conversation.close();
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  it("of calls at the same time has every line whole", async () => {
    const conversation = converse();
    const commands = Array.from({ length: 20 }, (_, n) => `echo ${n} # ${"x".repeat(1_000)}`);
    await Promise.all(commands.map((command) => conversation.call("terminal_execute", { command })));
    await conversation.close();
    const rows = rowsOf(conversation);
    expect(rows).toHaveLength(42);
    expect(rows.map(({ event }) => event).filter((event) => event === "open")).toHaveLength(1);
  });
});
