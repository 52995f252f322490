import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { Gateway } from "@sluice/core";
import { type TerminalConversation, type TerminalPolicy, terminalTools } from "@sluice/core/terminal/agents";
import { anthropic, json, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let upstream: ScriptedUpstream;
let gateway: Gateway;
let conversation: TerminalConversation;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vendor-shells-"));
  upstream = await scriptedUpstream();
  gateway = new Gateway({ terminal: { shells: ["/bin/bash"], env: { HOME: "/" } } });
});

afterEach(async () => {
  await conversation.close();
  expect(await gateway.terminals.list()).toEqual([]);
  await gateway.close();
  await upstream.close();
  rmSync(folder, { recursive: true });
});

function tools(policy: TerminalPolicy = { approve: () => "once" }) {
  const own = terminalTools(gateway, { terminals: { local: { type: "local", cwd: folder } }, ...policy });
  conversation = own.conversation();
  return own;
}

/** The text of a `tool_result`, block by block. */
function blocks({ content }: Anthropic.ToolResultBlockParam | undefined = { tool_use_id: "", type: "tool_result" }) {
  return (content as Anthropic.TextBlockParam[]).map(({ text }) => text);
}

describe("Anthropic's bash tool", () => {
  const use = (input: unknown, id = "toolu_1") => ({ type: "tool_use", id, name: "bash", input });

  it("runs over its own client: a call, its result in the next request, an answer", async () => {
    const { anthropicBash } = tools();
    const client = new Anthropic({ baseURL: upstream.url, apiKey: "unused", maxRetries: 0 });
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: "What is here?" }];
    const ask = () => client.messages.create({ model: "claude", max_tokens: 100, tools: [anthropicBash], messages });
    const calls = [
      { type: "tool_use", id: "toolu_1", name: "bash", input: { command: "cd /usr && pwd; echo no >&2; (exit 3)" } },
    ];
    upstream.enqueue(anthropic.message({ content: [{ type: "text", text: "Let me look." }, ...calls] }));
    const asked = await ask();
    const results: Anthropic.ToolResultBlockParam[] = await conversation.answerAnthropicBash(asked.content);
    messages.push({ role: "assistant", content: asked.content }, { role: "user", content: results });
    upstream.enqueue(anthropic.message({ content: [{ type: "text", text: "Done." }] }));
    expect((await ask()).content).toEqual([expect.objectContaining({ text: "Done." })]);
    const [first, second] = [await upstream.nextRequest(), await upstream.nextRequest()];
    expect(first.json).toMatchObject({ tools: [{ type: "bash_20250124", name: "bash" }] });
    expect(second.json).toMatchObject({
      messages: [{}, {}, { content: [{ type: "tool_result", tool_use_id: "toolu_1", is_error: false }] }],
    });
    expect(results.map(({ content }) => content)).toEqual([
      [
        { type: "text", text: expect.stringMatching(/^It ended with exit code 3 in \/usr\. .*do not follow/) },
        { type: "text", text: "stdout:\n/usr\n" },
        { type: "text", text: "stderr:\nno\n" },
      ],
    ]);
  });

  it("keeps its shell from call to call, until it restarts", async () => {
    tools();
    const results = await conversation.answerAnthropicBash([
      use({ command: "x=1; cd /" }),
      use({ command: "echo [$x]" }),
      use({ restart: true }),
      use({ command: "echo [$x]" }),
    ]);
    expect(results.map((each) => blocks(each).at(-1))).toEqual([
      expect.stringContaining("exit code 0 in /."),
      "stdout:\n[1]\n",
      `The shell was started afresh in ${folder}.`,
      "stdout:\n[]\n",
    ]);
  });

  it("tells what is refused, late or asked for wrongly as an error, and leaves other tools to others", async () => {
    tools({ approve: ({ command }) => (command.startsWith("sleep") ? "once" : "deny"), timeoutMs: 200 });
    const wrong = [{}, { command: 1 }, { command: "" }, "ls", null, { command: "a\0b" }, { restart: "yes" }];
    const results = await conversation.answerAnthropicBash([
      { type: "text" },
      { ...use({}), name: "terminal_execute" },
      use({ command: "touch ran" }),
      use({ command: "sleep 60" }),
      ...wrong.map((input) => use(input)),
    ]);
    expect(results.map(({ is_error }) => is_error)).toEqual(Array(2 + wrong.length).fill(true));
    expect(blocks(results[0])).toEqual([expect.stringMatching(/^not allowed: /)]);
    expect(blocks(results[1])).toEqual([expect.stringContaining("Start what takes long as a job")]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is under the rules and the budget of every call", async () => {
    tools({ allow: ["pwd"], budget: { commands: 1 } });
    const results = await conversation.answerAnthropicBash([use({ command: "pwd" }), use({ command: "pwd" })]);
    expect(blocks(results[0])).toContain(`stdout:\n${folder}\n`);
    expect(blocks(results[1])).toEqual([expect.stringContaining("budget")]);
  });
});

describe("OpenAI's shell tool", () => {
  const shell = (action: object, more: object = {}) => ({ type: "shell_call", call_id: "call_1", action, ...more });

  it("runs over its own client: a call, its output in the next request", async () => {
    const { openaiShell } = tools();
    const client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "unused", maxRetries: 0 });
    const call: OpenAI.Responses.ResponseFunctionShellToolCall = {
      type: "shell_call",
      id: "sh_1",
      call_id: "call_1",
      status: "completed",
      environment: { type: "local" },
      action: { commands: ["cd /usr; echo a", "pwd; (exit 2)"], timeout_ms: 20_000, max_output_length: 4_000 },
    };
    upstream.enqueue(json(200, { id: "resp_1", object: "response", output: [call] }));
    const response = await client.responses.create({ model: "gpt", input: "Look", tools: [openaiShell] });
    const input: OpenAI.Responses.ResponseInputItem[] = await conversation.answerOpenAIShell(response.output);
    upstream.enqueue(json(200, { id: "resp_2", object: "response", output: [] }));
    await client.responses.create({ model: "gpt", previous_response_id: "resp_1", input, tools: [openaiShell] });
    const [first, second] = [await upstream.nextRequest(), await upstream.nextRequest()];
    expect(first.json).toMatchObject({ tools: [{ type: "shell", environment: { type: "local" } }] });
    expect((second.json as { input: unknown }).input).toEqual([
      {
        type: "shell_call_output",
        call_id: "call_1",
        max_output_length: 4_000,
        output: [
          { stdout: "a\n", stderr: "", outcome: { type: "exit", exit_code: 0 } },
          { stdout: "/usr\n", stderr: "", outcome: { type: "exit", exit_code: 2 } },
        ],
      },
    ]);
  });

  it("has one time for its commands: after it none runs", async () => {
    tools();
    const [item] = await conversation.answerOpenAIShell([
      shell({ commands: ["echo a; sleep 60", "touch ran"], timeout_ms: 300 }),
    ]);
    expect(item).toMatchObject({
      output: [
        { stdout: "a\n", outcome: { type: "timeout" } },
        { stderr: expect.stringContaining("not run"), outcome: { type: "timeout" } },
      ],
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("has one length for its output, and never more than the policy's", async () => {
    tools({ approve: () => "once", answerCharacters: 2_000 });
    const outputs = async (max_output_length: number | null) => {
      const [item] = await conversation.answerOpenAIShell([
        shell({ commands: ["seq 2000", "seq 2000"], max_output_length }),
      ]);
      return (item as { output: { stdout: string }[] }).output.map(({ stdout }) => stdout.length);
    };
    const marks = 100; // what says how much is left out
    for (const [most, both] of [
      [500, 500 + marks],
      [1_000_000, 4_000 + marks],
      [null, 4_000 + marks],
      [-5, marks],
    ] as const) {
      const [one = 0, other = 0] = await outputs(most);
      expect(one + other).toBeLessThan(both);
    }
  });

  it("runs nothing after a command that was refused", async () => {
    tools({ approve: ({ command }) => (command.startsWith("cd") ? "deny" : "once") });
    const [item] = await conversation.answerOpenAIShell([
      shell({ commands: ["cd /somewhere", "touch ran"], timeout_ms: null, max_output_length: null }),
    ]);
    const exit = { type: "exit", exit_code: 126 };
    expect(item).toEqual({
      type: "shell_call_output",
      call_id: "call_1",
      output: [
        { stdout: "", stderr: expect.stringMatching(/^not allowed/), outcome: exit },
        { stdout: "", stderr: expect.stringMatching(/^not run/), outcome: exit },
      ],
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, object]>([
    ["no commands", { commands: [] }],
    ["a text for a list", { commands: "touch ran" }],
    ["a command that is no text", { commands: [["touch", "ran"]] }],
    ["a thousand commands", { commands: Array(1_000).fill("touch ran") }],
    ["a time that is no number", { commands: ["touch ran"], timeout_ms: "9" }],
    ["nothing", undefined as never],
  ])("answers a call with %s, and runs nothing", async (_what, action) => {
    tools();
    const [item] = await conversation.answerOpenAIShell([shell(action)]);
    expect(item).toMatchObject({ call_id: "call_1", output: [{ stderr: expect.stringContaining("invalid") }] });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves to OpenAI what runs in its containers, and all else to others", async () => {
    tools();
    const environment = { type: "container_reference", container_id: "c" };
    const output = [shell({ commands: ["touch ran"] }, { environment }), { type: "message" }, { type: "reasoning" }];
    expect(await conversation.answerOpenAIShell(output)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("OpenAI's earlier local shell", () => {
  async function run(action: Partial<OpenAI.Responses.ResponseOutputItem.LocalShellCall.Action>) {
    const call: OpenAI.Responses.ResponseOutputItem.LocalShellCall = {
      type: "local_shell_call",
      id: "lsh_1",
      call_id: "call_1",
      status: "completed",
      action: { type: "exec", command: [], env: {}, ...action },
    };
    const items: OpenAI.Responses.ResponseInputItem[] = await conversation.answerOpenAIShell([call]);
    expect(items).toEqual([
      { type: "local_shell_call_output", id: "call_1", call_id: "call_1", output: expect.any(String) },
    ]);
    return JSON.parse((items[0] as { output: string }).output);
  }

  it("runs words, not a text: in a directory and with variables, all of which the person is shown", async () => {
    const shown: string[] = [];
    tools({
      approve: (request) => {
        shown.push(request.shown);
        return "once";
      },
    });
    const action = { command: ["bash", "-lc", "pwd; echo $X '$('"], env: { X: "a b" }, working_directory: "/usr" };
    expect(await run(action)).toEqual({
      stdout: "/usr\na b $(\n",
      stderr: "",
      outcome: { type: "exit", exit_code: 0 },
    });
    expect(await run({ command: ["echo", "$HOME; touch ran", "it's"] })).toMatchObject({
      stdout: "$HOME; touch ran it's\n",
    });
    expect(shown).toEqual([
      `(cd -- /usr && env X='a b' bash -lc 'pwd; echo $X '\\''$('\\''')`,
      `echo '$HOME; touch ran' 'it'\\''s'`,
    ]);
    expect(await run({ command: ["pwd"] })).toMatchObject({ stdout: `${folder}\n` });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is under the same rules, and runs as nobody else", async () => {
    tools({ allow: [{ command: "ls", operands: true }] });
    expect(await run({ command: ["ls", "/usr"] })).toMatchObject({ outcome: { type: "exit", exit_code: 0 } });
    expect(await run({ command: ["ls", "/usr"], user: "root" })).toMatchObject({
      stderr: expect.stringMatching(/^not/),
    });
    expect(await run({ command: ["ls"], working_directory: "/usr" })).toMatchObject({ outcome: { exit_code: 126 } });
    expect(await run({ command: ["ls"], env: { "A;touch ran": "1" } })).toMatchObject({ outcome: { exit_code: 126 } });
    expect(await run({ command: ["ls"], type: "other" as never })).toMatchObject({ outcome: { exit_code: 126 } });
    expect(readdirSync(folder)).toEqual([]);
  });
});
