import { afterEach, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

let gateway;
afterEach(async () => {
  expect(await gateway.terminals.list()).toEqual([]); // the conversation is over, and so are its terminals
  await gateway.close();
});

function app(options) {
  const built = buildApp({ ...options, terminal: { shells: ["/bin/sh"], env: { HOME: "/" } } });
  gateway = built.gateway;
  return built;
}

/** What each tool answered, as values. */
function results(messages) {
  return messages.filter(({ role }) => role === "tool").map(({ content }) => JSON.parse(content));
}

it("runs what a rule allows without asking, and tells the model", async () => {
  const { ask } = app({ approve: () => expect.unreachable("nobody is to be asked") });
  const messages = await ask('Use terminal_execute with "ls /"');
  const [{ exitCode, stdout }] = results(messages);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("tmp\n")]);
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(messages.at(-1).content).toContain('"exitCode":0');
});

it("asks a person about the rest", async () => {
  const asked = [];
  const { ask } = app({
    approve: ({ shown, reason }) => {
      asked.push([shown, reason]);
      return "once";
    },
  });
  expect(results(await ask('Use terminal_execute with "echo $((6 * 7))"'))).toEqual([
    expect.objectContaining({ stdout: "42\n" }),
  ]);
  expect(asked).toEqual([["echo $((6 * 7))", "it is not one simple command"]]);
});

it("runs nothing that a person refuses, and nothing at all without one", async () => {
  for (const approve of [() => "deny", undefined]) {
    const { ask } = app({ approve });
    const [{ error }] = results(await ask('Use terminal_execute with "ls / > /dev/null"'));
    expect(error).toMatch(/^not allowed: /);
    await gateway.close();
  }
});
