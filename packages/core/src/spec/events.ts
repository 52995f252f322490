import type { GatewayError } from "../errors.js";
import type { Alert } from "../schemas/budget.js";
import type { Operation } from "../schemas/operation.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { Usage } from "./usage.js";

/** A request has been accepted and is about to be routed. */
export interface RequestEvent {
  readonly requestId: string;
  /** What was asked for, such as `chat` or `embeddings`. */
  readonly operation: Operation;
  /** The model asked for, such as `auto`. */
  readonly model: string;
  readonly stream: boolean;
  /** The whole decision, worked out when asked: candidates, filters, reasons, prices, health. */
  explain(): RouteDecision;
}

/** One upstream call is about to be made. */
export interface AttemptEvent {
  readonly requestId: string;
  /** 1 for the first upstream call of the request. */
  readonly attempt: number;
  readonly model: string;
  readonly provider: string;
  /** Why this model stood in the plan, such as `auto:L0`, `named` or `fallback`. */
  readonly reason: string;
}

/** An upstream call failed and another one may follow. */
export interface FallbackEvent {
  readonly requestId: string;
  readonly attempt: number;
  readonly model: string;
  readonly provider: string;
  /** A key of `FAILURES`. */
  readonly code: string;
  readonly details: string | undefined;
}

/** A request was answered; a stream has ended. */
export interface ResponseEvent {
  readonly requestId: string;
  readonly model: string;
  readonly provider: string;
  readonly layer: string;
  /** Upstream calls made. */
  readonly attempts: number;
  readonly stream: boolean;
  /** Milliseconds from the request to the last byte. */
  readonly durationMs: number;
  /** What the upstream reported; null where it reported nothing. */
  readonly usage: Usage | null;
  /** What all upstream calls of the request cost, in US dollars; null where that is not known. */
  readonly costUsd: number | null;
}

/** A request failed, before or after its first output. */
export interface ErrorEvent {
  readonly requestId: string;
  /** The model asked for. */
  readonly model: string;
  readonly error: GatewayError;
  /** Whether output had reached the caller. */
  readonly committed: boolean;
}

/** A limit on money was reached; told once per window. */
export type CostAlertEvent = Alert;

/** What a gateway emits. Listeners run on the request's own path: keep them short; what they throw is logged. */
export interface GatewayEvents {
  request: [event: RequestEvent];
  attempt: [event: AttemptEvent];
  fallback: [event: FallbackEvent];
  response: [event: ResponseEvent];
  error: [event: ErrorEvent];
  "cost-alert": [event: CostAlertEvent];
}

/** Hands an event to whoever listens; never throws. The event is made only for listeners. */
export type Emit = <Name extends keyof GatewayEvents>(name: Name, event: () => GatewayEvents[Name][0]) => void;
