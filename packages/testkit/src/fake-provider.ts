import type { Provider, ProviderCall, Receiver } from "@sluice/core";
import { FakeExchange } from "./fake-exchange.js";
import * as anthropic from "./upstream/anthropic.js";
import { deferred } from "./upstream/deferred.js";
import type { Gate } from "./upstream/gate.js";
import * as openai from "./upstream/openai.js";
import type { Reply } from "./upstream/reply.js";

type Maybe<Value> = Value | Promise<Value>;

/** Options of {@link fakeProvider}. Whatever else a `Provider` has may be given too. */
export interface FakeProviderOptions extends Partial<Omit<Provider, "send" | "close" | "hasSpareKey">> {
  /** The whole answer to a call: its text, or any reply. @defaultValue "Hello" */
  readonly chat?: ((call: ProviderCall) => Maybe<string | Reply>) | undefined;
  /** The streamed answer: pieces of text with gates between them, or any reply. @defaultValue the words of `chat` */
  readonly stream?: ((call: ProviderCall) => Maybe<readonly (string | Gate)[] | Reply>) | undefined;
  /** An error in the place of a connection; nothing where the call should go on. */
  readonly fail?: (call: ProviderCall) => Error | null | undefined;
}

/** A {@link Provider} without a network, which remembers what it was asked. */
export interface FakeProvider extends Provider {
  readonly calls: readonly ProviderCall[];
  /** Calls that run now. */
  readonly running: number;
  /** Resolves when no call runs. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes a {@link FakeProvider} for tests in one process; it answers with the replies that a scripted upstream plays.
 * @example
 * const failing = fakeProvider({ name: "a", fail: () => new Error("connect ECONNREFUSED") });
 * const working = fakeProvider({ name: "b", stream: () => ["Hello", " world"] });
 */
export function fakeProvider(options: FakeProviderOptions = {}): FakeProvider {
  const { chat, stream, fail, ...shape } = options;
  const { name = "fake", dialect = "openai" } = options;
  const calls: ProviderCall[] = [];
  const exchanges = new Set<FakeExchange>();
  let idle = deferred();
  let closed = false;

  async function run(call: ProviderCall, exchange: FakeExchange): Promise<void> {
    try {
      if (closed) throw new Error(`${name} is closed`);
      const failure = fail?.(call);
      if (failure) throw failure;
      await exchange.play(await replyTo(call, { chat, stream }, dialect));
    } catch (cause) {
      exchange.fail(cause);
    }
    await exchange.ended;
    exchanges.delete(exchange);
    if (exchanges.size > 0) return;
    idle.resolve();
    idle = deferred();
  }

  return {
    ...shape,
    name,
    dialect,
    calls,
    get running() {
      return exchanges.size;
    },
    send(call: ProviderCall, receiver: Receiver) {
      calls.push(call);
      const exchange = new FakeExchange(receiver);
      exchanges.add(exchange);
      queueMicrotask(() => void run(call, exchange));
    },
    idle: () => (exchanges.size === 0 ? Promise.resolve() : idle.promise),
    async close() {
      closed = true;
      const left = [...exchanges];
      for (const exchange of left) exchange.abort(new Error(`${name} was closed`));
      await Promise.all(left.map(({ ended }) => ended));
    },
  };
}

async function replyTo(
  call: ProviderCall,
  { chat = () => "Hello", stream }: Pick<FakeProviderOptions, "chat" | "stream">,
  dialect: Provider["dialect"],
): Promise<Reply> {
  const answer = call.stream && stream ? await stream(call) : await chat(call);
  if (typeof answer === "object" && "steps" in answer) return answer;
  if (typeof answer === "string" && !call.stream) return whole(answer, call, dialect);
  const parts = typeof answer === "string" ? (answer.match(/\s*\S+/g) ?? []) : answer;
  const { model } = call;
  return dialect === "openai"
    ? openai.stream(parts, { model, usage: /"include_usage"\s*:\s*true/.test(String(call.body)) })
    : anthropic.stream(parts, { model });
}

function whole(content: string, { model }: ProviderCall, dialect: Provider["dialect"]): Reply {
  return dialect === "openai" ? openai.completion({ content, model }) : anthropic.message({ content, model });
}
