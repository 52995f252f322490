import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quotedCommand, simpleCommand } from "./simple-command.js";

const SHELLS = ["/bin/bash", "/bin/dash", "/usr/bin/zsh"];

describe("simpleCommand", () => {
  it.each([
    ["git status", ["git", "status"]],
    ["  git   log  --oneline ", ["git", "log", "--oneline"]],
    [`grep -n 'a b' "c d"e`, ["grep", "-n", "a b", "c de"]],
    [`grep '$HOME; rm -rf / | \`x\` \\' file`, ["grep", "$HOME; rm -rf / | `x` \\", "file"]],
    ["ls ''", ["ls", ""]],
    ["date +%s", ["date", "+%s"]],
    ["git log --max-count=5", ["git", "log", "--max-count=5"]],
    ["echo 'Grüße'", ["echo", "Grüße"]],
  ])("understands %j", (text, words) => {
    expect(simpleCommand(text)).toEqual(words);
  });

  it.each([
    "",
    "   ",
    "git status && rm -rf x",
    "git status; rm x",
    "git status & rm x",
    "git status | sh",
    "git status\nrm x",
    "git status\rrm x",
    "git status\trm",
    "git status > x",
    "git status < x",
    "git $(rm x)",
    "git `rm x`",
    "git $HOME",
    'git "$(rm x)"',
    'git "`rm x`"',
    'git "a\\"b"',
    'git "a!b"',
    "git sta\\tus",
    "(git status)",
    "{ git status; }",
    "git {a,b}",
    "git *.ts",
    "git a?b",
    "git [ab]",
    "git ~/x",
    "git #x",
    "git !!",
    "git ^a^b",
    "GIT_PAGER=x git log",
    "=ls",
    "git =ls",
    "git 'open",
    'git "open',
    "'' x",
    "gìt status",
    "git 'a\u202eb'",
    "git 'a\u200bb'",
    "git 'a\u0000b'",
    "git 'a\x1b[0mb'",
  ])("does not understand %j", (text) => {
    expect(simpleCommand(text)).toBeNull();
  });

  describe.each(SHELLS)("%s", (shell) => {
    it.skipIf(!existsSync(shell))("takes the same words, for whatever is understood", () => {
      const piece = fc.constantFrom(..."ab-= '\"\\$`;&|<>(){}[]*?~#!^%+,./:@\n\té".split(""), "git", "''", '"x y"');
      const texts = fc
        .sample(fc.array(piece, { minLength: 1, maxLength: 12 }), { numRuns: 20_000, seed: 1 })
        .map((pieces) => pieces.join(""))
        .filter((text) => simpleCommand(text) !== null);
      expect(texts.length).toBeGreaterThan(200);
      const script = texts.map((text) => `set -- ${text}\nprintf '%s\\0' "$@"; printf '\\0'`).join("\n");
      const { stdout, status } = spawnSync(shell, { input: script });
      expect(status).toBe(0);
      const ours = texts.map((text) => (simpleCommand(text) as string[]).map((word) => `${word}\0`).join(""));
      expect(stdout.toString()).toBe(ours.map((words) => `${words}\0`).join(""));
    });

    it.skipIf(!existsSync(shell))("takes quoted words for nothing but words", () => {
      const text = fc.string({ unit: fc.constantFrom(..."ab '\"\\$`;&|<>*\n~#!".split("")), maxLength: 10 });
      const lists = fc.sample(fc.array(text, { minLength: 1, maxLength: 4 }), { numRuns: 300, seed: 1 });
      const script = lists
        .map((words) => `set -- ${quotedCommand(words)}\nprintf '%s\\0' "$@"; printf '\\0'`)
        .join("\n");
      const { stdout } = spawnSync(shell, { input: script });
      expect(stdout.toString()).toBe(lists.map((words) => `${words.map((word) => `${word}\0`).join("")}\0`).join(""));
    });
  });
});
