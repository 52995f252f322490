import type { Context, Span, Tracer } from "@opentelemetry/api";
import type { CallContext } from "../spec/call.js";
import type { Logger } from "../spec/logger.js";
import type { RequestTrace, TracedCall, TracerProvider, Tracing } from "../spec/tracing.js";
import { VERSION } from "../version.js";
import { requestAttributes } from "./attributes.js";
import { RequestSpan } from "./request-span.js";
import type { Otel, SpanTools } from "./span-tools.js";

/** Caps what a caller's own words do to a span's name. */
const MAX_NAME = 200;

/** Traces with one provider of tracers. */
export class OtelTracing implements Tracing {
  readonly #tools: SpanTools;

  constructor(otel: Otel, provider: TracerProvider, logger: Logger) {
    const tracer = provider.getTracer("@sluice/core", VERSION) as Tracer; // what OpenTelemetry's providers give
    this.#tools = { otel, tracer, quietly: quietly(logger) };
  }

  request(call: TracedCall, context: CallContext): RequestTrace | null {
    return this.#tools.quietly(() => {
      const { otel, tracer } = this.#tools;
      const around = otel.context.active();
      const local = otel.trace.getSpan(around) !== undefined;
      const parent = local ? around : this.#remote(around, context);
      const kind = !local && context.headers ? otel.SpanKind.SERVER : otel.SpanKind.INTERNAL;
      const attributes = requestAttributes(call, context);
      const name = `${String(attributes["gen_ai.operation.name"])} ${call.request.model}`.slice(0, MAX_NAME);
      const span: Span = tracer.startSpan(name, { kind, attributes }, parent);
      return new RequestSpan({ ...this.#tools, span, context: otel.trace.setSpan(parent, span), call });
    });
  }

  /** The context a caller sent along, by whatever propagation the application has set up. */
  #remote(around: Context, { headers }: CallContext): Context {
    if (!headers) return around;
    return this.#tools.otel.propagation.extract(around, headers, {
      get: (carrier, name) => carrier.get(name) ?? undefined,
      keys: () => [],
    });
  }
}

function quietly(logger: Logger): SpanTools["quietly"] {
  let isTold = false;
  return (work) => {
    try {
      return work();
    } catch (error) {
      if (!isTold) logger.warn({ err: error }, "a span could not be made; told once");
      isTold = true;
      return null;
    }
  };
}
