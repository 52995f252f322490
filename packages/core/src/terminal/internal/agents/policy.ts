import { type Clock, systemClock } from "../../../clock.js";
import type { OpenTerminalInput } from "../../../schemas/terminal.js";
import type { Identity } from "../../../spec/http.js";
import { type AllowRule, AllowRules } from "./allow-rules.js";

/** What one conversation may use. */
export interface ConversationBudget {
  /** Commands, refused ones not counted. @defaultValue 100 */
  readonly commands: number;
  /** Milliseconds that its commands run, all together. @defaultValue 1,800,000: half an hour */
  readonly runMs: number;
  /** Characters of output that the model reads. @defaultValue 1,000,000 */
  readonly outputCharacters: number;
  /** Sessions open at the same time. @defaultValue 8 */
  readonly sessions: number;
}

/** Something a model wants to do that nothing allows or forbids yet. */
export interface ApprovalRequest {
  /** The conversation's identifier. */
  readonly conversation: string;
  /** On whose behalf; undefined for the application itself. */
  readonly identity: Identity | undefined;
  readonly tool: "terminal_execute" | "terminal_send";
  /** The terminal, by its name in the policy. */
  readonly terminal: string;
  /** The session of it, by the name its model has for it. */
  readonly session: string;
  /** Exactly what runs or is typed. */
  readonly command: string;
  /** The same for a person's eyes: whatever is invisible or acts on a screen is written out. */
  readonly shown: string;
  /** What the command reads; undefined for nothing. */
  readonly stdin: string | undefined;
  /** Where it runs; null where that is not known. */
  readonly cwd: string | null;
  readonly background: boolean;
  readonly timeoutMs: number;
  /** Why nobody but a person can decide. */
  readonly reason: string;
  /** Aborts when it is too late to answer. */
  readonly signal: AbortSignal;
}

/**
 * Yes this once, yes for exactly this text as long as the conversation lasts, or no, with a reason for the model. `by` is
 * who said yes, for records.
 */
export type ApprovalVerdict =
  | "once"
  | "conversation"
  | "deny"
  | { readonly deny: string }
  | { readonly allow: "once" | "conversation"; readonly by?: string | undefined };

/** Asks a person, or decides in a person's place. */
export type Approve = (request: ApprovalRequest) => ApprovalVerdict | Promise<ApprovalVerdict>;

/** Something a conversation did or was refused, for a transcript. */
export interface AgentAct {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number;
  readonly conversation: string;
  readonly tool: string;
  /** The terminal by its name in the policy. */
  readonly terminal: string;
  /** The session of it, by the name its model has for it. */
  readonly session: string;
  /** The identifier that the gateway knows the session by; null where it is not open. */
  readonly sessionId: string | null;
  /** What ran or was typed, or would have. */
  readonly command: string;
  readonly decision: "rule" | "person" | "remembered" | "denied";
  /** The rule, who said yes, or why not; null for a person without a name. */
  readonly by: string | null;
  /** How it ended; null for what did not run or still does. */
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  /** SHA-256 of stdout and stderr, in hexadecimal digits; null for what has none yet. */
  readonly outputHash: string | null;
}

/** What a model may do with terminals. Without `allow` and `approve` it may do nothing. */
export interface TerminalPolicy {
  /** On whose behalf; its rights and limits apply. @defaultValue the application itself, which may do everything */
  readonly identity?: Identity | undefined;
  /**
   * The terminals it may use, by the names it uses for them. Each has one session by its name, opened on first use; the
   * model may open more. What is in here, passwords included, it never sees. @defaultValue `{ local: { type: "local" } }`
   */
  readonly terminals?: Readonly<Record<string, OpenTerminalInput>> | undefined;
  /** Whether it may type into screens too; each time a person is asked. @defaultValue false */
  readonly interactive?: boolean | undefined;
  /** Commands that need no approval. They hold for local terminals. @defaultValue none */
  readonly allow?: readonly (string | AllowRule)[] | undefined;
  /** What is refused whoever would approve it. A seat belt, not a wall: the same can be written in many ways. @defaultValue none */
  readonly deny?: readonly RegExp[] | undefined;
  /** Asked about everything else. @defaultValue everything else is refused */
  readonly approve?: Approve | undefined;
  /** No answer for so long is a no. @defaultValue 120,000 */
  readonly approveWithinMs?: number | undefined;
  readonly budget?: Partial<ConversationBudget> | undefined;
  /** How long a command may run that says nothing of it; at most 600,000. @defaultValue 30,000 */
  readonly timeoutMs?: number | undefined;
  /** Characters of output in one answer. @defaultValue 16,384 */
  readonly answerCharacters?: number | undefined;
  /** Values that no answer may hold, each of 6 characters or more. What looks like a key never does. @defaultValue none */
  readonly secrets?: readonly string[] | undefined;
  /** Told of everything done and refused. @defaultValue nobody; the gateway's audit log has the commands that ran */
  readonly record?: ((act: AgentAct) => void | Promise<void>) | undefined;
  /**
   * A directory for a transcript of each conversation, readable by its owner alone: who allowed what, how it ended, and a
   * hash of what it printed, in lines of JSON. What cannot be written there does not run. @defaultValue none
   */
  readonly transcripts?: string | undefined;
  /** Time and identifiers. @defaultValue the system's */
  readonly clock?: Clock | undefined;
}

/** A policy that has been checked, every default filled in. */
export interface ResolvedPolicy extends Omit<TerminalPolicy, "allow"> {
  readonly terminals: Readonly<Record<string, OpenTerminalInput>>;
  /** Their names, the default one first. */
  readonly names: readonly [string, ...string[]];
  readonly interactive: boolean;
  readonly rules: AllowRules;
  readonly deny: readonly RegExp[];
  readonly approveWithinMs: number;
  readonly budget: ConversationBudget;
  readonly timeoutMs: number;
  readonly answerCharacters: number;
  readonly secrets: readonly string[];
  readonly record: (act: AgentAct) => void | Promise<void>;
  readonly clock: Clock;
}

/** The longest that one command may run. */
export const MAX_TIMEOUT_MS = 600_000;
const BUDGET: ConversationBudget = { commands: 100, runMs: 1_800_000, outputCharacters: 1_000_000, sessions: 8 };
const SHORTEST_SECRET = 6;

/** @throws TypeError naming what is wrong */
export function resolvePolicy(policy: TerminalPolicy): ResolvedPolicy {
  const {
    terminals = { local: { type: "local" } },
    allow = [],
    deny = [],
    secrets = [],
    timeoutMs = 30_000,
    answerCharacters = 16_384,
    approveWithinMs = 120_000,
  } = policy;
  const budget = { ...BUDGET, ...policy.budget };
  const [first, ...others] = Object.keys(terminals);
  if (first === undefined) throw new TypeError("terminals: at least one must be named");
  for (const name of [first, ...others]) {
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) throw new TypeError(`terminals: "${name}" is no name`);
  }
  for (const [name, value] of Object.entries({ ...budget, timeoutMs, answerCharacters, approveWithinMs })) {
    if (!(value > 0)) throw new TypeError(`${name}: must be above 0`);
  }
  if (timeoutMs > MAX_TIMEOUT_MS) throw new TypeError(`timeoutMs: at most ${MAX_TIMEOUT_MS}`);
  if (secrets.some(({ length }) => length < SHORTEST_SECRET)) {
    throw new TypeError(`secrets: a value of less than ${SHORTEST_SECRET} characters would be found everywhere`);
  }
  return {
    ...policy,
    terminals,
    names: [first, ...others],
    interactive: policy.interactive ?? false,
    rules: new AllowRules(allow),
    deny,
    approveWithinMs,
    budget,
    timeoutMs,
    answerCharacters,
    secrets,
    record: policy.record ?? (() => {}),
    clock: policy.clock ?? systemClock(),
  };
}
