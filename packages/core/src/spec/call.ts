import type { Identity, LeaveSignal } from "./http.js";
import type { Usage } from "./usage.js";

/** Who waits for an answer. */
export interface CallContext {
  readonly requestId: string;
  /** Headers of the request over HTTP, where it came that way: a trace goes on from them. */
  readonly headers?: { get(name: string): string | null } | undefined;
  /** Aborts when the caller leaves. */
  readonly signal: LeaveSignal;
  /** Who calls; undefined for the application itself, which may do everything. */
  readonly identity?: Identity | undefined;
  /** Told once when the call has ended, whatever way. @param usage what the upstream reported; null for nothing */
  readonly ended?: ((usage: Usage | null) => void) | undefined;
}

/** Who changes something, for the audit log and for the rights the change needs. */
export interface Actor {
  /** Undefined for the application itself, which may do everything. */
  readonly identity?: Identity | undefined;
  /** The client's address, where there is one. */
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
  /** Whether the credential is still good, for what outlives its request. @defaultValue for ever */
  readonly isStillKnown?: (() => Promise<boolean>) | undefined;
}
