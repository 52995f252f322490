import type { Clock } from "../clock.js";
import type { Provider } from "../spec/provider.js";
import { embeddingsScript } from "./internal/simulator/embeddings.js";
import { SimulatedExchange } from "./internal/simulator/exchange.js";
import { script } from "./internal/simulator/script.js";

/** Options of {@link simulator}. */
export interface SimulatorConfig {
  /** Wait before each answer, unless the message asks for another. @defaultValue 0 */
  readonly latencyMs?: number | undefined;
}

/**
 * A provider that works offline and is no language model: equal requests get equal answers. It streams, calls tools,
 * keeps to schemas and limits, and acts out latency and failures that a message asks for (`[[simulate: status=429]]`).
 */
export function simulator(name: string, config: SimulatorConfig, deps: { readonly clock: Clock }): Provider {
  const { latencyMs = 0 } = config;
  const { clock } = deps;
  const running = new Set<SimulatedExchange>();
  let closed = false;
  return {
    name,
    dialect: "openai",
    simulated: true,
    operations: ["chat", "embeddings"],
    send(call, receiver) {
      const body = String(call.body);
      const steps =
        call.operation === "embeddings"
          ? embeddingsScript(body)
          : script(body, call.stream, { latencyMs, now: clock.now() });
      const exchange: SimulatedExchange = new SimulatedExchange(steps, receiver, {
        clock,
        onEnd: () => running.delete(exchange),
      });
      running.add(exchange);
      if (closed) exchange.abort(new Error(`${name} is closed`));
      else queueMicrotask(() => exchange.run());
    },
    async close() {
      closed = true;
      for (const exchange of running) exchange.abort(new Error(`${name} was closed`));
    },
  };
}
