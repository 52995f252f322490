import type { Identity, LeaveSignal } from "./http.js";

/** Who waits for an answer. */
export interface CallContext {
  readonly requestId: string;
  /** Aborts when the caller leaves. */
  readonly signal: LeaveSignal;
  /** Who calls; undefined for the application itself, which may do everything. */
  readonly identity?: Identity | undefined;
}
