import { describe, expect, it } from "vitest";
import { AllowRules } from "./allow-rules.js";

const rules = new AllowRules([
  "git status",
  { command: "git log", flags: ["--oneline", "--max-count="], operands: true },
  { command: "ls", flags: ["-l", "-a", "-la"], operands: true },
  { command: "find", flags: ["-name", "-type"], operands: true },
  "/usr/bin/uptime",
]);

describe("AllowRules", () => {
  it.each([
    ["git status", "git status"],
    ["git  'status'", "git status"],
    ["git log", "git log"],
    ["git log --oneline --max-count=5 main -- src", "git log"],
    ["git log -- --output=x", "git log"],
    ["ls -la /tmp", "ls"],
    ["find . -name '*.ts'", "find"],
    ["/usr/bin/uptime", "/usr/bin/uptime"],
  ])("allows %s", (command, rule) => {
    expect(rules.match(command)).toMatchObject({ rule });
  });

  it.each([
    "git status && rm -rf x",
    "git status\nrm -rf x",
    "git status $(rm -rf x)",
    "git status --porcelain",
    "git status .",
    "git -c core.pager=x status",
    "git -C /tmp status",
    "git --exec-path=/tmp status",
    "git log --output=x",
    "git log -p",
    "git",
    "gits status",
    "./git status",
    "/tmp/git status",
    "ls --color=always",
    "ls -R",
    "find . -exec rm {} +",
    "find . -delete",
    "uptime",
    "PATH=/tmp git status",
  ])("does not allow %j", (command) => {
    expect(rules.match(command)).toHaveProperty("why");
  });

  it.each([
    "bash",
    "sh -c x",
    "/bin/sh",
    "python3 -c x",
    "python3.12",
    "node",
    "npm test",
    "npx x",
    "env",
    "xargs",
    "sudo ls",
    "ssh host",
    "git push",
    "git -c a=b status",
    "git fetch",
    "eval x",
    ".",
    "./build",
    "make",
    "ls; rm x",
    "ls *",
    "",
  ])("refuses a rule for %j when it is made", (command) => {
    expect(() => new AllowRules([command])).toThrow(TypeError);
  });

  it("lets git list branches, and make none", () => {
    const listing = new AllowRules([{ command: "git branch", flags: ["-a", "--list"] }, "git remote -v"]);
    expect(listing.match("git branch -a")).toMatchObject({ rule: "git branch" });
    expect(listing.match("git branch new")).toHaveProperty("why");
    for (const command of ["git branch", "git tag", "git remote"]) {
      expect(() => new AllowRules([{ command, operands: true }])).toThrow(TypeError);
    }
    expect(() => new AllowRules(["git remote add evil"])).toThrow(TypeError);
  });

  it.each([
    ["find", "-exec"],
    ["find", "-delete"],
    ["git log", "--output="],
    ["git diff", "--ext-diff"],
    ["git grep", "-O"],
    ["git grep", "-Oless"],
    ["tar", "--to-command="],
    ["sort", "-o"],
    ["git branch", "-D"],
    ["git tag", "--delete"],
    ["ls", "-l a"],
    ["ls", "x"],
    ["ls", "-"],
  ])("refuses a rule for %s that allows %s", (command, flag) => {
    expect(() => new AllowRules([{ command, flags: [flag] }])).toThrow(TypeError);
  });
});
