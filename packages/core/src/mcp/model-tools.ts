import { z } from "zod";
import { isGatewayError } from "../errors.js";
import type { ChatInput } from "../schemas/chat.js";
import type { ChatCompletion } from "../schemas/chat-completion.js";
import type { Model } from "../schemas/model.js";
import type { Identity, LeaveSignal } from "../spec/http.js";
import type { McpTool, ToolAnswer } from "../terminal/agents.js";
import type { Toolbox } from "./toolbox.js";

/** Where models come from: a `Gateway` is one. */
export interface ModelSource {
  readonly models: { list(): Promise<readonly Model[]> };
  chat(
    request: ChatInput,
    options: { readonly identity?: Identity | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<ChatCompletion>;
}

const Chat = z.object({
  prompt: z.string().min(1).describe("What to ask."),
  system: z.string().optional().describe("Instructions that stand before it."),
  model: z.string().min(1).default("auto").describe("A model's id; auto is routed by layer, free models first."),
  max_tokens: z.int().positive().optional().describe("Of the answer."),
});

/** The models as tools: what there is, and one question to one of them, on somebody's behalf. */
export function modelTools(gateway: ModelSource, identity: Identity | undefined): Toolbox {
  const tools = [tool("list_models", "List the models that can be asked.", z.object({})), tool("chat", CHAT, Chat)];
  return {
    tools,
    has: (name) => tools.some((each) => each.name === name),
    async call(name, input, { signal }) {
      try {
        if (name === "list_models") return listed(await modelList(gateway));
        const parsed = Chat.safeParse(input ?? {});
        if (!parsed.success) return failed(`invalid arguments: ${z.prettifyError(parsed.error)}`);
        return await chat(gateway, parsed.data, { identity, signal });
      } catch (error) {
        return failed(isGatewayError(error) ? error.message : "internal error");
      }
    },
    close: async () => {},
  };
}

/** What is public of every model. */
export async function modelList({ models }: ModelSource) {
  const list = await models.list();
  return {
    models: list.map(({ id, provider, apiModelName, layer, enabled }) => ({
      id,
      provider,
      apiModelName,
      layer,
      enabled,
    })),
  };
}

const CHAT = "Ask a model of the gateway one question. It knows nothing of this conversation but what the prompt says.";

async function chat(
  gateway: ModelSource,
  { prompt, system, model, max_tokens }: z.output<typeof Chat>,
  { identity, signal }: { readonly identity: Identity | undefined; readonly signal: LeaveSignal },
): Promise<ToolAnswer> {
  const messages: ChatInput["messages"] = [{ role: "user", content: prompt }];
  if (system !== undefined) messages.unshift({ role: "system", content: system });
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    const request = { model, messages, ...(max_tokens === undefined ? {} : { max_tokens }) };
    const completion = await gateway.chat(request, { identity, signal: leaving.signal });
    const { content } = completion.choices[0]?.message ?? {};
    const text = typeof content === "string" ? content : "";
    return told(text, { model: completion.model, text, usage: completion.usage ?? null });
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function tool(name: string, description: string, input: z.ZodObject): McpTool {
  const { $schema, ...schema } = z.toJSONSchema(input, { io: "input" });
  return {
    name,
    description,
    inputSchema: { ...schema, type: "object" },
    annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: name === "chat" },
  };
}

function told(text: string, value: ToolAnswer["value"]): ToolAnswer {
  return { text, value, isError: false };
}

function listed(list: ToolAnswer["value"]): ToolAnswer {
  return told(JSON.stringify(list), list);
}

function failed(error: string): ToolAnswer {
  return { text: error, value: { error }, isError: true };
}
