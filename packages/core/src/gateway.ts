import { EventEmitter } from "eventemitter3";
import { SseSplitter } from "./dialects/sse-splitter.js";
import { GatewayError } from "./errors.js";
import { fetchGateway } from "./fetch-gateway.js";
import { GatewayAudit } from "./gateway-audit.js";
import { GatewayAuth } from "./gateway-auth.js";
import { GatewayConfiguration } from "./gateway-config.js";
import { GatewayHostKeys } from "./gateway-host-keys.js";
import { GatewayKeys } from "./gateway-keys.js";
import { GatewayModels } from "./gateway-models.js";
import { GatewayPresets } from "./gateway-presets.js";
import { GatewayProviders } from "./gateway-providers.js";
import { GatewayTerminals } from "./gateway-terminals.js";
import { GatewayUsage } from "./gateway-usage.js";
import { GatewayUsers } from "./gateway-users.js";
import { isByteStream } from "./http/fetch.js";
import { checkedJson } from "./http/json-limits.js";
import { readStream } from "./http/read-stream.js";
import type { ChatData } from "./http/services.js";
import type { McpServer } from "./mcp.js";
import type { GatewayOptions } from "./options.js";
import type { ChatInput } from "./schemas/chat.js";
import { ChatRequest } from "./schemas/chat.js";
import type { ChatCompletion, ChatCompletionChunk } from "./schemas/chat-completion.js";
import { type EmbeddingInput, EmbeddingList, EmbeddingRequest } from "./schemas/forward.js";
import type { Health } from "./schemas/health.js";
import type { RouteAudit } from "./schemas/route-audit.js";
import type { RouteDecision } from "./schemas/route-decision.js";
import { validate } from "./schemas/validate.js";
import type { CallContext } from "./spec/call.js";
import type { GatewayEvents } from "./spec/events.js";
import type { GatewayRequest, GatewayResponse, Identity, LeaveSignal, Peer } from "./spec/http.js";
import { type Internals, wire } from "./wire.js";

/** Options of one in-process call. */
export interface CallOptions {
  /** Stops the call, and the upstream with it. */
  readonly signal?: AbortSignal | undefined;
  /** On whose behalf; its rights and limits apply. @defaultValue the application itself, which may do everything */
  readonly identity?: Identity | undefined;
}

/** No closing takes as long. */
const LONGEST_CLOSE_MS = 60_000;

/** How often a store that failed to open is tried again. */
const REOPEN_MS = 5_000;

/**
 * The gateway: one object to configure, then call in-process or mount on any HTTP stack.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ providers: { openrouter: { apiKey: "…" } } });
 * const answer = await gateway.chat({ messages: [{ role: "user", content: "Hello!" }] });
 * ```
 */
export class Gateway extends EventEmitter<GatewayEvents> {
  /** The model catalogue. */
  readonly models: GatewayModels;
  /** Upstreams. */
  readonly providers: GatewayProviders;
  /** Logins, and whose a credential is. */
  readonly auth: GatewayAuth;
  /** Who may log in. */
  readonly users: GatewayUsers;
  /** API keys. */
  readonly keys: GatewayKeys;
  /** Who did what. */
  readonly audit: GatewayAudit;
  /** The ledger: what was used and what it cost. */
  readonly usage: GatewayUsage;
  /** What is configured, and changing it while the gateway runs. */
  readonly config: GatewayConfiguration;
  /** Terminals. */
  readonly terminals: GatewayTerminals;
  readonly #internals: Internals;
  #opened: Promise<void> | null = null;
  #triedAt = Number.NEGATIVE_INFINITY;
  #closed: Promise<void> | null = null;

  /**
   * Makes a gateway without any I/O.
   * @throws TypeError naming the option that is wrong
   */
  constructor(options: GatewayOptions = {}) {
    super();
    this.#internals = wire(options, this);
    const { models, providers, auth, users, keys, audit, usage, presets, configuration } = this.#internals.services;
    const usable = () => this.#usable();
    this.models = new GatewayModels(models, usable);
    this.providers = new GatewayProviders(providers, usable);
    this.auth = new GatewayAuth(auth, usable);
    this.users = new GatewayUsers(users, usable);
    this.keys = new GatewayKeys(keys, usable);
    this.audit = new GatewayAudit(audit, usable);
    this.usage = new GatewayUsage(usage, usable);
    this.config = new GatewayConfiguration(configuration, usable);
    this.terminals = new GatewayTerminals(() => usable().then(() => this.#internals.services.terminals()), {
      presets: new GatewayPresets(presets, usable),
      hostKeys: new GatewayHostKeys(() => usable().then(() => this.#internals.services.hostKeys())),
    });
  }

  /**
   * Opens the store and loads the catalogue. Safe to call again; the first call of anything else does it too.
   * @throws GatewayError `store_unavailable`, `not_installed`
   */
  ready(): Promise<void> {
    this.#triedAt = this.#internals.clock.monotonic();
    this.#opened ??= this.#internals.open().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /**
   * Answers one chat.
   * @throws GatewayError any code of `FAILURES` that a chat can end with
   */
  async chat(request: ChatInput, options: CallOptions = {}): Promise<ChatCompletion> {
    const { body } = await this.#chat(
      { ...request, stream: false },
      await this.#context(options.signal, options.identity),
    );
    return JSON.parse(wholeText(body)) as ChatCompletion; // the dialect reader has understood it
  }

  /**
   * Says how a chat would be routed now, without calling anybody.
   * @throws GatewayError where the chat itself would fail before any call
   */
  async explain(request: ChatInput, options: Pick<CallOptions, "identity"> = {}): Promise<RouteDecision> {
    await this.#usable();
    const context = await this.#context(undefined, options.identity);
    return this.#internals.services.explain(this.#chatData(request, context), context);
  }

  /** How often the strong model's answer was another one than the cheap model's: of escalations, and of audits. */
  async routeAudit(): Promise<RouteAudit> {
    await this.#usable();
    return this.#internals.services.routeAudit();
  }

  /**
   * Turns texts into vectors, in the encoding asked for.
   * @throws GatewayError any code of `FAILURES` that a routed call can end with
   */
  async embeddings(request: EmbeddingInput, options: CallOptions = {}): Promise<EmbeddingList> {
    await this.#usable();
    const { body } = await this.#internals.services.forward(
      { operation: "embeddings", request: validate(EmbeddingRequest, request), body: checkedJson(request) ?? "" },
      await this.#context(options.signal, options.identity),
    );
    const list = EmbeddingList.safeParse(JSON.parse(wholeText(body)));
    if (list.success) return list.data;
    throw new GatewayError("upstream_failed", { details: "answered with no list of embeddings", cause: list.error });
  }

  /**
   * Answers one chat as a stream of chunks. Leaving the loop stops the upstream.
   * @throws GatewayError before the first chunk or between two of them
   */
  async *stream(request: ChatInput, options: CallOptions = {}): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    const leaving = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal;
    const { body } = await this.#chat({ ...request, stream: true }, await this.#context(signal, options.identity));
    if (!isByteStream(body)) throw new GatewayError("internal");
    const splitter = new SseSplitter();
    for await (const bytes of readStream(body, () => leaving.abort())) {
      const chunks: ChatCompletionChunk[] = [];
      splitter.push(bytes, ({ data }) => {
        if (data && data !== "[DONE]") chunks.push(JSON.parse(data) as ChatCompletionChunk); // our own frames
      });
      yield* chunks;
    }
  }

  /** The state of the gateway, its store and its providers: the body of `GET /health`. */
  async health(): Promise<Health> {
    await this.#usable();
    return this.#internals.health();
  }

  /**
   * Brings every secret in the store under the current master key, so that retired ones can be thrown away. Returns how
   * many entries were changed. @throws GatewayError `not_configured`, `store_unavailable`
   */
  async reseal(): Promise<number> {
    await this.ready();
    return this.#internals.reseal();
  }

  /** The OpenAPI 3.1 document of every route. */
  openapi(): object {
    return this.#internals.openapi();
  }

  /**
   * An MCP server for one client: the models, and what the configuration's `mcp` names of terminals.
   * @throws GatewayError `not_installed` without the package `@modelcontextprotocol/sdk`
   */
  mcp(options: Pick<CallOptions, "identity"> = {}): Promise<McpServer> {
    return this.#internals.mcp(options.identity);
  }

  /** Answers any HTTP request; never rejects. Adapters call this. */
  handle(request: GatewayRequest, peer?: Peer): Promise<GatewayResponse> {
    const { services, handle } = this.#internals;
    if (services.phase() !== "starting") return handle(request, peer);
    return this.#usable().then(() => handle(request, peer));
  }

  /** Answers a Fetch request at the root; `fetchGateway` mounts elsewhere. Bound, so that it can be handed on as it is. */
  readonly fetch: (request: Request) => Promise<Response> = fetchGateway(this);

  /**
   * Whether a path is one of the gateway's, whatever the method: for applications that mount it beside routes of their own.
   * @param target - path and query, as in the request line
   */
  serves(target: string): boolean {
    return this.#internals.serves(target);
  }

  /** Says that the end is near: `/readyz` answers 503 from now on, everything else goes on. */
  drain(): void {
    this.#internals.drain();
  }

  /**
   * Ends every call after at most `graceMs` milliseconds (streams get an error frame), then closes providers and store.
   * @param options - `graceMs` defaults to 0
   */
  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.graceMs ?? 0);
    return this.#closed;
  }

  /** Much of what is waited for, shells above all, keeps no process alive by itself: it must not end halfway. */
  async #close(graceMs: number): Promise<void> {
    const release = this.#internals.clock.after(graceMs + LONGEST_CLOSE_MS, () => {});
    try {
      await this.#internals.close(graceMs);
    } finally {
      release();
    }
  }

  async #chat(request: ChatInput, context: CallContext): Promise<GatewayResponse> {
    await this.#usable();
    return this.#internals.services.chat(this.#chatData(request, context), context);
  }

  #chatData(request: ChatInput, { requestId }: CallContext): ChatData {
    const created = Math.floor(this.#internals.clock.now() / 1_000);
    const id = requestId.replace("req_", "chatcmpl-");
    return { request: validate(ChatRequest, request), text: checkedJson(request) ?? "", created, id };
  }

  /** A call on somebody's behalf counts for that caller, as it would over HTTP. */
  async #context(signal: LeaveSignal = STAYS, identity?: Identity): Promise<CallContext> {
    if (identity) await this.#internals.charge(identity);
    return { requestId: this.#internals.clock.id("req_"), signal, identity };
  }

  /** Opens on first use. A store that does not open costs the changes made to the catalogue, never a chat. */
  async #usable(): Promise<void> {
    const { services, clock, logger } = this.#internals;
    if (services.phase() !== "starting" || (clock.monotonic() - this.#triedAt < REOPEN_MS && !this.#opened)) return;
    await this.ready().catch((error: unknown) => logger.error({ err: error }, "the store did not open"));
  }
}

function wholeText(body: GatewayResponse["body"]): string {
  if (body === null || isByteStream(body)) throw new GatewayError("internal");
  return body.toString();
}

/** The signal of a caller who cannot leave. A real one, shared by every call, would collect listeners. */
const STAYS: LeaveSignal = { aborted: false, addEventListener() {}, removeEventListener() {} };
