import type { Context, Span, Tracer } from "@opentelemetry/api";

/** OpenTelemetry's API, as it is loaded. */
export type Otel = typeof import("@opentelemetry/api");

/** What spans are made with. */
export interface SpanTools {
  readonly otel: Otel;
  readonly tracer: Tracer;
  /** Does something with spans; what an SDK throws is logged once and costs no call. */
  readonly quietly: <Result>(work: () => Result) => Result | null;
}

/** A span that has begun. */
export interface OpenSpan extends SpanTools {
  readonly span: Span;
  /** The one that spans below this one start from. */
  readonly context: Context;
}
