import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { WebStandardStreamableHTTPServerTransport as Transport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { GatewayResponse, Identity } from "../spec/http.js";
import type { McpRequest, McpService } from "../spec/mcp.js";
import type { TerminalPolicy, TerminalSource } from "../terminal/agents.js";
import { ownerOf } from "../terminal/rights.js";
import { answerOver, SESSION_HEADER } from "./http-request.js";
import { type ModelSource, modelTools } from "./model-tools.js";
import { loadTransport } from "./sdk.js";
import { serveTools } from "./serve-tools.js";
import { terminalToolbox } from "./terminal-toolbox.js";
import type { Toolbox } from "./toolbox.js";

/** What {@link McpSessions} works with. */
export interface McpSessionsOptions {
  readonly gateway: ModelSource & TerminalSource;
  readonly clock: Clock;
  /** What somebody's model may do with terminals; null for nothing. */
  policyOf(identity: Identity): TerminalPolicy | null;
}

interface Session {
  readonly owner: string;
  readonly transport: Transport;
  readonly boxes: readonly Toolbox[];
  readonly hasTerminals: boolean;
  usedAt: number;
  /** Answers that are being sent. */
  streams: number;
}

const MAX_SESSIONS_EACH = 64;
const MAX_SESSIONS = 1_024;
const IDLE_MS = 1_800_000;
const SWEEP_EVERY_MS = 60_000;

/** MCP over HTTP: every client's session, which is its alone and ends when it is not used. */
export class McpSessions implements McpService {
  readonly #options: McpSessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #stopSweeping: () => void;

  constructor(options: McpSessionsOptions) {
    this.#options = options;
    this.#stopSweeping = options.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  async handle(request: McpRequest): Promise<GatewayResponse> {
    const session = await this.#sessionOf(request);
    session.usedAt = this.#options.clock.monotonic();
    session.streams++;
    const onEnd = () => {
      session.streams--;
      session.usedAt = this.#options.clock.monotonic();
    };
    try {
      return await answerOver(session.transport, request, onEnd);
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  /** Ends every session, with everything that runs in its terminals. */
  async close(): Promise<void> {
    this.#stopSweeping();
    await Promise.all([...this.#sessions].map(([id, session]) => this.#end(id, session)));
  }

  async #sessionOf({ headers, message, identity, mayUseTerminals }: McpRequest): Promise<Session> {
    const id = headers.get(SESSION_HEADER);
    if (id === null) {
      if (!isInitialize(message))
        throw new GatewayError("invalid_request", { details: `${SESSION_HEADER} is missing` });
      return this.#open(identity, mayUseTerminals);
    }
    const session = this.#sessions.get(id);
    if (session?.owner !== ownerOf(identity))
      throw new GatewayError("not_found", { details: "there is no such session here: initialize another" });
    if (session.hasTerminals && !(await mayUseTerminals())) {
      throw new GatewayError("forbidden", { details: "this session's terminals may not be used from here" });
    }
    return session;
  }

  async #open(identity: Identity, mayUseTerminals: McpRequest["mayUseTerminals"]): Promise<Session> {
    const { gateway, clock } = this.#options;
    await this.#makeRoom(ownerOf(identity));
    const policy = this.#options.policyOf(identity);
    const hasTerminals = policy !== null && (await mayUseTerminals());
    const boxes = [modelTools(gateway, identity)];
    if (hasTerminals) boxes.push(terminalToolbox(gateway, policy));
    const { WebStandardStreamableHTTPServerTransport } = loadTransport();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => clock.id("mcp-"),
      onsessioninitialized: (id) => void this.#sessions.set(id, session),
      onsessionclosed: (id) => this.#end(id, session),
    });
    const owner = ownerOf(identity);
    const session: Session = { owner, transport, boxes, hasTerminals, usedAt: clock.monotonic(), streams: 0 };
    const server: Server = serveTools(gateway, boxes);
    await server.connect(transport);
    return session;
  }

  /** Many clients never say goodbye: the one that was quiet for longest goes. @throws GatewayError `rate_limit_exceeded` */
  async #makeRoom(owner: string): Promise<void> {
    const own = [...this.#sessions].filter(([, session]) => session.owner === owner);
    if (own.length < MAX_SESSIONS_EACH && this.#sessions.size < MAX_SESSIONS) return;
    const [oldest] = own.filter(([, { streams }]) => streams === 0).sort(([, one], [, two]) => one.usedAt - two.usedAt);
    if (!oldest) throw new GatewayError("rate_limit_exceeded", { details: "too many MCP sessions are open" });
    await this.#end(...oldest);
  }

  #sweep(): void {
    const since = this.#options.clock.monotonic() - IDLE_MS;
    for (const [id, session] of this.#sessions) {
      if (session.streams === 0 && session.usedAt <= since) void this.#end(id, session);
    }
  }

  async #end(id: string, { transport, boxes }: Session): Promise<void> {
    if (!this.#sessions.delete(id)) return;
    await transport.close();
    await Promise.all(boxes.map((box) => box.close()));
  }
}

function isInitialize(message: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(message) ? message : [message];
  return messages.some(
    (each) => typeof each === "object" && each !== null && "method" in each && each.method === "initialize",
  );
}
