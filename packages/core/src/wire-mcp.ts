import type { Clock } from "./clock.js";
import { GatewayError } from "./errors.js";
import type { McpSessions } from "./mcp/http-sessions.js";
import type { StatelessMcp } from "./mcp/stateless.js";
import type { McpGateway, McpServer } from "./mcp.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { RecordAudit } from "./spec/audit.js";
import type { Identity } from "./spec/http.js";
import type { McpService } from "./spec/mcp.js";
import type { AgentAct, TerminalPolicy } from "./terminal/agents.js";
import { AllowRules } from "./terminal/internal/agents/allow-rules.js";
import { redacted } from "./terminal/internal/redact.js";
import { mayOpen } from "./terminal/rights.js";

/** What the MCP server works with. */
export interface McpParts {
  readonly config: Pick<GatewayConfig, "mcp">;
  /** Whether they are off now. */
  readonly terminalsAreOff: () => boolean;
  readonly gateway: McpGateway;
  readonly clock: Clock;
  readonly record: RecordAudit;
  /** The secrets of the configuration as it is now: no answer may hold one. */
  secrets(): readonly string[];
}

/** The MCP server, of which nothing is loaded before the first message. */
export interface LazyMcp {
  /** @throws GatewayError `forbidden` where it is switched off, `not_installed` */
  use(): Promise<McpService>;
  /** A server for one client. @throws GatewayError `not_installed` */
  serve(identity: Identity | undefined): Promise<McpServer>;
  close(): Promise<void>;
}

/**
 * Builds the MCP server of a gateway; does no I/O.
 * @throws TypeError for a rule that could allow anything
 */
export function wireMcp({ config, terminalsAreOff, gateway, clock, record, secrets }: McpParts): LazyMcp {
  const { mcp } = config;
  if (mcp.allow.length > 0) checkRules(mcp);
  const policyOf = (identity: Identity | undefined) =>
    terminalsAreOff() ? null : policyFor(mcp, { identity, clock, record, secrets });
  let sessions: Promise<McpSessions | StatelessMcp> | null = null;

  async function start(): Promise<McpSessions | StatelessMcp> {
    if (mcp.stateless) return new (await import("./mcp/stateless.js")).StatelessMcp(gateway);
    const { McpSessions } = await import("./mcp/http-sessions.js");
    return new McpSessions({ gateway, clock, policyOf });
  }

  return {
    async use() {
      if (!mcp.enabled) throw new GatewayError("forbidden", { details: "MCP is switched off (mcp.enabled)" });
      sessions ??= start();
      return sessions;
    },
    async serve(identity) {
      const { mcpServer } = await import("./mcp.js");
      return mcpServer(gateway, { identity, terminals: policyOf(identity) ?? undefined });
    },
    close: async () => (await sessions)?.close(),
  };
}

/** A shorter secret stands in texts that have nothing to do with it. */
const TELLING = 12;
const BY_CLIENT = { allow: "once", by: "client" } as const;

/** What somebody's model may do with the configured terminals that this somebody may open; null for nothing. */
function policyFor(
  { terminals, interactive, allow, deny, approval, budget, transcripts }: GatewayConfig["mcp"],
  {
    identity,
    clock,
    record,
    secrets,
  }: Pick<McpParts, "clock" | "record" | "secrets"> & { readonly identity: Identity | undefined },
): TerminalPolicy | null {
  const own = Object.entries(terminals).filter(([, { type }]) => mayOpen(identity, type));
  if (own.length === 0) return null;
  return {
    identity,
    terminals: Object.fromEntries(own),
    interactive,
    allow,
    deny: deny.map((pattern) => new RegExp(pattern)),
    ...(approval === "elicit" ? {} : { approve: () => (approval === "client" ? BY_CLIENT : "deny") }),
    transcripts: transcripts ?? undefined,
    secrets: secrets().filter(({ length }) => length >= TELLING),
    budget,
    clock,
    record: (act) => record(auditEvent(act), { identity }),
  };
}

/** The commands that ran have rows of their own; these say who allowed them, and what was refused. */
function auditEvent({ tool, terminal, session, sessionId, command, decision, by, conversation }: AgentAct) {
  return {
    action: "agent.command",
    target: sessionId,
    outcome: decision === "denied" ? ("refused" as const) : ("ok" as const),
    details: { conversation, tool, terminal, session, command: redacted(command), decision, by },
  };
}

function checkRules({ allow }: GatewayConfig["mcp"]): void {
  try {
    new AllowRules(allow);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`Gateway options: mcp.${error.message}`) : error;
  }
}
