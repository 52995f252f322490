import { requirePeer } from "../require-peer.js";
import type { Logger } from "../spec/logger.js";
import type { TracerProvider, Tracing } from "../spec/tracing.js";
import { OtelTracing } from "./otel-tracing.js";
import type { Otel } from "./span-tools.js";

/** What tracing is made from. */
export interface TracingOptions {
  /** Undefined for the one that is registered for the process; null for none. */
  readonly tracerProvider: TracerProvider | null | undefined;
  readonly logger: Logger;
}

const PACKAGE = "@opentelemetry/api";

/** Where every copy of `@opentelemetry/api` 1.x looks for what was registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/**
 * Traces with OpenTelemetry, as libraries do: through its API alone, whose SDK is the application's. Null where tracing is
 * switched off.
 * @throws GatewayError `not_installed` where a provider was given and the API is not there
 */
export function tracingBy({ tracerProvider, logger }: TracingOptions): Tracing | null {
  if (tracerProvider === null) return null;
  if (tracerProvider === undefined) return registeredTracing(logger);
  return new OtelTracing(load(), tracerProvider, logger);
}

/**
 * With whatever SDK is registered, before the gateway was made or after. Until one is, nothing is loaded and a request
 * costs one look at a global.
 */
function registeredTracing(logger: Logger): Tracing {
  let found: OtelTracing | null | undefined;
  return {
    request(call, context) {
      if (!isRegistered()) return null;
      if (found === undefined) found = loaded(logger);
      return found?.request(call, context) ?? null;
    },
  };
}

function isRegistered(): boolean {
  const registry: unknown = Reflect.get(globalThis, REGISTERED);
  return typeof registry === "object" && registry !== null && Reflect.has(registry, "trace");
}

/** Null where the SDK has an API of its own that cannot be found from here. */
function loaded(logger: Logger): OtelTracing | null {
  try {
    const otel = load();
    return new OtelTracing(otel, otel.trace.getTracerProvider(), logger);
  } catch (error) {
    logger.warn(
      { err: error },
      "no traces: an OpenTelemetry SDK is registered, but its API cannot be loaded from here",
    );
    return null;
  }
}

function load(): Otel {
  return requirePeer(PACKAGE, "tracing") as Otel; // the package's own types
}
