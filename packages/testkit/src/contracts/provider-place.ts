import type { Provider, ProviderCall } from "@sluice/core";

/**
 * What the upstream of a call does: answers whole or as a stream of at least three events, refuses with a 4xx, says
 * nothing at all, falls silent after the first output, sends more than anybody can hold, dies after the first output,
 * or answers with `set-cookie: a=1` and `set-cookie: b=2`.
 */
export type UpstreamBehaviour =
  | "answer"
  | "stream"
  | "refusal"
  | "silence"
  | "stall"
  | "flood"
  | "break"
  | "repeated-header";

/** One call with an upstream prepared for it. */
export interface PreparedCall {
  readonly call: ProviderCall;
  /** Resolves when the upstream has taken the request in. */
  arrived(): Promise<unknown>;
  /** Resolves when nothing of the call is left at the upstream; at once where the call never came there. */
  left(): Promise<unknown>;
  /** Bytes of body the upstream has sent by now, where it can tell. */
  sentBytes?(): number;
}

/** A provider and the upstream behind it; each test gets new ones. */
export interface ProviderPlace {
  readonly provider: Provider;
  /** Makes the upstream behave so for the next call. Calls are sent in the order of their preparation. */
  prepare(behaviour: UpstreamBehaviour): PreparedCall;
  /** The same provider before an upstream that refuses connections. */
  unreachable(): Provider | Promise<Provider>;
  /** Ends the upstream; the provider is closed before. */
  close?(): Promise<void>;
}

/** What a provider may leave out, each with the reason. */
export interface ProviderContractOptions {
  readonly skip?: {
    /** A repeated response header comes as a list. */
    readonly repeatedHeaders?: string;
  };
}
