import type { GatewayError } from "../errors.js";
import type { CallVerdict, LedgerRow, RowStart } from "../schemas/ledger.js";
import type { Operation } from "../schemas/operation.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { CallContext } from "./call.js";

/** Where tracers come from: OpenTelemetry's `TracerProvider` fits. */
export interface TracerProvider {
  getTracer(name: string, version?: string): unknown;
}

/** Follows model calls with spans. */
export interface Tracing {
  /** A request has been let in. Null where nobody traces. */
  request(call: TracedCall, context: CallContext): RequestTrace | null;
}

/** What is asked for, as far as spans tell of it: never what was said. */
export interface TracedCall {
  readonly operation: Operation;
  readonly request: { readonly model: string };
}

/** The span of one request. Nothing of it ever throws. */
export interface RequestTrace {
  /** It has been decided how the request is routed; that is put into words only where the span is kept. */
  decided(explain: () => RouteDecision): void;
  /** An upstream call begins. Null where it could not be begun as a span. */
  attempt(call: TracedAttempt): AttemptTrace | null;
  /** The answer has ended. */
  answered(answer: TracedAnswer): void;
  failed(error: GatewayError, costUsd: number | null): void;
}

/** One upstream call, when it begins. */
export interface TracedAttempt {
  readonly start: RowStart;
  /** The provider's own name of the model. */
  readonly apiModelName: string;
}

/** What became of a request. */
export interface TracedAnswer {
  readonly model: string;
  readonly provider: string;
  readonly layer: string;
  /** Why this model answered, such as `auto:L1`. */
  readonly reason: string;
  /** Upstream calls made for the answer. */
  readonly attempts: number;
  /** In US dollars; null where that is not known. */
  readonly costUsd: number | null;
  /** How `auto` chose between layers, where it had a choice. */
  readonly manner: string | undefined;
  readonly escalated: boolean | undefined;
  /** What kept a rejected answer from being replaced. */
  readonly limit: string | null | undefined;
  readonly verdicts: readonly CallVerdict[];
}

/** The span of one upstream call. Nothing of it ever throws. */
export interface AttemptTrace {
  /** Headers by which the upstream can go on with the trace, over its own. */
  headers(own: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined;
  /** Does something as a part of the call, so that spans of the application's own providers hang below this one. */
  within(work: () => void): void;
  ended(row: LedgerRow): void;
}
