import { readdirSync } from "node:fs";
import {
  type ApprovalRequest,
  type TerminalConversation,
  type TerminalPolicy,
  terminalTools,
} from "@sluice/core/terminal/agents";
import { describe, expect, it } from "vitest";
import { useConversations } from "./conversations.js";

const all = useConversations({ approve: () => "once" });
const converse = (policy?: TerminalPolicy) => all.converse(policy);

async function ask(conversation: TerminalConversation, tool: string, input: object): Promise<Record<string, unknown>> {
  return (await conversation.call(`terminal_${tool}`, input)).value;
}

const terminals = async () => (await all.gateway.terminals.list()).length;

describe("sessions that a model opens", () => {
  it("are each a shell of their own, beside the one there is", async () => {
    const conversation = converse();
    const { session, cwd } = await ask(conversation, "open", { type: "local" });
    expect([session, cwd]).toEqual(["local-2", all.folder]);
    expect(await ask(conversation, "open", { preset: "local" })).toMatchObject({ session: "local-3" });
    await ask(conversation, "execute", { command: "cd /usr; x=two", session });
    await ask(conversation, "execute", { command: "x=one" });
    expect(await ask(conversation, "execute", { command: "echo $x; pwd", session })).toMatchObject({
      session: "local-2",
      stdout: "two\n/usr\n",
    });
    expect((await ask(conversation, "execute", { command: "echo $x" })).stdout).toBe("one\n");
    expect((await ask(conversation, "restart", { session })).cwd).toBe(all.folder);
    expect((await ask(conversation, "execute", { command: "echo [$x]", session })).stdout).toBe("[]\n");
  });

  it("end when they are closed, with what runs in them, and their names are not used again", async () => {
    const conversation = converse();
    const { session } = await ask(conversation, "open", { type: "local" });
    const { command } = await ask(conversation, "execute", { command: "sleep 60", background: true, session });
    expect(await ask(conversation, "close", { session })).toEqual({ session, closed: true });
    expect(await terminals()).toBe(0);
    const read = await ask(conversation, "read", { command, wait_ms: 25_000 });
    expect(read.running).toBe(false);
    for (const [tool, input] of Object.entries({ execute: { command: "true" }, close: {}, restart: {} })) {
      expect((await ask(conversation, tool, { session, ...input })).error).toContain("there are: local");
    }
    expect((await ask(conversation, "open", { type: "local" })).session).toBe("local-3");
  });

  it("leave the one there is by itself, which can be closed and is opened again", async () => {
    const conversation = converse();
    await ask(conversation, "execute", { command: "x=1" });
    expect(await ask(conversation, "close", { session: "local" })).toMatchObject({ closed: true });
    expect(await terminals()).toBe(0);
    expect(await ask(conversation, "close", { session: "local" })).toMatchObject({ closed: true });
    expect((await ask(conversation, "execute", { command: "echo [$x]" })).stdout).toBe("[]\n");
  });

  it("are nobody else's", async () => {
    const { session } = await ask(converse(), "open", { type: "local" });
    const other = converse();
    const { error } = await ask(other, "execute", { command: "id", session });
    expect(error).toContain('there is no session "local-2"');
    const [{ id } = { id: "" }] = await all.gateway.terminals.list();
    for (const tool of ["close", "restart"]) {
      expect((await ask(other, tool, { session: id })).error).toContain("there is no session");
    }
    expect(await terminals()).toBe(1);
  });

  it("are of what the policy names, and of nothing else", async () => {
    const conversation = converse({
      terminals: { box: { type: "ssh", preset: "box" }, here: { type: "local" } },
    });
    for (const wrong of [
      {},
      { type: "ssh", host: "10.0.0.1", username: "root", password: "x" },
      { type: "ssh" },
      { preset: "box", host: "10.0.0.1" },
      { preset: "other" },
      { type: "local", preset: "box" },
      { type: "local", cwd: "/etc" },
      { type: "local", shell: "/bin/zsh" },
      "local",
    ]) {
      expect((await ask(conversation, "open", wrong as object)).error).toMatch(/^invalid arguments: /);
    }
    expect((await ask(conversation, "open", { type: "local" })).session).toBe("here-2");
    const remote = terminalTools(all.gateway, { terminals: { box: { type: "ssh", preset: "box" } } });
    const schema = remote.anthropic.find(({ name }) => name === "terminal_open")?.input_schema;
    expect(schema).toMatchObject({ properties: { preset: { enum: ["box"] } }, required: ["preset"] });
    expect(schema).not.toHaveProperty("properties.type");
  });

  it("that cannot be opened leave nothing behind", async () => {
    const conversation = converse({ terminals: { local: { type: "local" }, gone: { type: "ssh", preset: "gone" } } });
    expect(await ask(conversation, "open", { preset: "gone" })).toHaveProperty("error");
    const { error } = await ask(conversation, "execute", { command: "true", session: "gone-2" });
    expect(error).toContain("there are: local, gone");
  });

  it("are as many as the policy allows, and each is one of the budget's commands", async () => {
    const conversation = converse({ budget: { sessions: 2, commands: 4 } });
    await ask(conversation, "execute", { command: "true" });
    expect(await ask(conversation, "open", { type: "local" })).toMatchObject({ session: "local-2" });
    expect((await ask(conversation, "open", { type: "local" })).error).toContain("2 sessions are open");
    await ask(conversation, "close", { session: "local-2" });
    expect(await ask(conversation, "open", { type: "local" })).toMatchObject({ session: "local-4" });
    expect((await ask(conversation, "open", { type: "local" })).error).toContain("budget");
    expect(await ask(conversation, "close", { session: "local-4" })).toMatchObject({ closed: true });
  });

  it("are named to whoever approves; what was approved in one holds for no other", async () => {
    const asked: ApprovalRequest[] = [];
    const conversation = converse({
      approve: (request) => {
        asked.push(request);
        return "conversation";
      },
    });
    const { session } = await ask(conversation, "open", { type: "local" });
    for (const where of [{}, {}, { session }, { session }]) {
      await ask(conversation, "execute", { command: "echo a", ...where });
    }
    expect(asked.map(({ terminal, session }) => [terminal, session])).toEqual([
      ["local", "local"],
      ["local", "local-2"],
    ]);
  });

  it("have names that are none of the policy's", async () => {
    const conversation = converse({ terminals: { a: { type: "local" }, "a-2": { type: "local" } } });
    expect(await ask(conversation, "open", { type: "local" })).toMatchObject({ session: "a-3" });
  });
});

describe("what a model says wrongly", () => {
  it.each<[string, string, unknown]>([
    ["another name for a session", "execute", { command: "touch ran", terminal: "other" }],
    ["a session that is a number", "execute", { command: "touch ran", session: 1 }],
    ["a session of 10,000 characters", "execute", { command: "touch ran", session: "x".repeat(10_000) }],
    ["a prototype's field", "execute", { command: "touch ran", session: "__proto__" }],
    ["controls in a session", "execute", { command: "touch ran", session: "local\u001b[2J" }],
    ["a command that is a list", "execute", { command: ["touch", "ran"] }],
    ["a command with NUL", "execute", { command: "touch ran\0" }],
    ["a huge command", "execute", { command: `touch ran ${"x".repeat(1_000_000)}` }],
    ["a time-out that is no number", "execute", { command: "touch ran", timeout_ms: Number.NaN }],
    ["a list of arguments", "execute", ["touch ran"]],
    ["a thousand unknown fields", "execute", Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, n]))],
    ["a cursor below nothing", "read", { command: 1, cursor: -1 }],
    ["a tool with a long name", "x".repeat(1_000_000), {}],
  ])("%s is told in few words, and nothing runs", async (_what, tool, input) => {
    const { text, isError } = await converse().call(`terminal_${tool}`, input);
    expect(isError).toBe(true);
    expect(text.length).toBeLessThan(1_500);
    expect(text).not.toMatch(/internal|[\u0000-\u001f]/);
    expect(readdirSync(all.folder)).not.toContain("ran");
  });
});

describe("a conversation that is closed", () => {
  it("waits for no approval, and what is approved afterwards does not run", async () => {
    let approve = (_verdict: "once") => {};
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const conversation = converse({
      approve: () => {
        isAsked();
        return new Promise((resolve) => {
          approve = resolve;
        });
      },
    });
    const running = conversation.call("terminal_execute", { command: "touch late" });
    await asked;
    await conversation.close();
    expect((await running).isError).toBe(true);
    approve("once");
    expect((await conversation.call("terminal_execute", { command: "true" })).value.error).toContain("ended");
    expect((await conversation.call("terminal_read", { command: 1 })).value.error).toContain("ended");
    expect(readdirSync(all.folder)).not.toContain("late");
  });

  it("stops what a rule has let run", async () => {
    const conversation = converse({ allow: ["sleep 60"] });
    const running = conversation.call("terminal_execute", { command: "sleep 60" });
    const busy = async () =>
      (await all.gateway.terminals.list()).filter((each) => each.detail().state === "busy").length;
    await expect.poll(busy, { timeout: 20_000 }).toBe(1);
    await conversation.close();
    expect((await running).value.exitCode).not.toBe(0);
    await expect.poll(terminals, { timeout: 20_000 }).toBe(0);
  });

  it("opens nothing that was being opened", async () => {
    const conversation = converse();
    const opening = [1, 2, 3].map(() => conversation.call("terminal_open", { type: "local" }));
    await conversation.close();
    for (const each of opening) expect((await each).isError).toBe(true);
    expect(await terminals()).toBe(0);
  });
});

it("calls at the same time share the session that they find ended", async () => {
  const conversation = converse();
  await ask(conversation, "execute", { command: "true" });
  await Promise.all((await all.gateway.terminals.list()).map((each) => each.close()));
  const both = await Promise.all([1, 2, 3].map(() => ask(conversation, "execute", { command: "echo hi" })));
  expect(both.map(({ stdout }) => stdout)).toEqual(["hi\n", "hi\n", "hi\n"]);
  expect(await terminals()).toBe(1);
});

it("an application's own functions that throw end nothing", async () => {
  const conversation = converse({
    allow: ["true"],
    approve: () => {
      throw new Error("broken");
    },
    record: () => {
      throw new Error("broken too");
    },
  });
  expect(await ask(conversation, "execute", { command: "true" })).toMatchObject({ exitCode: 0 });
  expect((await ask(conversation, "execute", { command: "id" })).error).toContain("nobody could be asked");
});
