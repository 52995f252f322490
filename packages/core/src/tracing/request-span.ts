import type { GatewayError } from "../errors.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { AttemptTrace, RequestTrace, TracedAnswer, TracedAttempt, TracedCall } from "../spec/tracing.js";
import { AttemptSpan } from "./attempt-span.js";
import { answerAttributes, attemptAttributes } from "./attributes.js";
import type { OpenSpan } from "./span-tools.js";

/** What a request's span is made of. */
export interface RequestSpanInput extends OpenSpan {
  readonly call: TracedCall;
}

/** The span of one request: the gateway's own part of a trace, with a span below it for each upstream call. */
export class RequestSpan implements RequestTrace {
  readonly #input: RequestSpanInput;

  constructor(input: RequestSpanInput) {
    this.#input = input;
  }

  decided(explain: () => RouteDecision): void {
    const { quietly, span } = this.#input;
    quietly(() => {
      if (!span.isRecording()) return;
      span.addEvent("sluice.route", { "sluice.route.decision": JSON.stringify(explain()) });
    });
  }

  attempt(attempt: TracedAttempt): AttemptTrace | null {
    const { quietly, otel, tracer, context, call } = this.#input;
    return quietly(() => {
      const attributes = attemptAttributes(attempt, call);
      const name = `${String(attributes["gen_ai.operation.name"])} ${attempt.apiModelName}`;
      const span = tracer.startSpan(name, { kind: otel.SpanKind.CLIENT, attributes }, context);
      return new AttemptSpan({ ...this.#input, span, context: otel.trace.setSpan(context, span) });
    });
  }

  answered(answer: TracedAnswer): void {
    const { quietly, span } = this.#input;
    quietly(() => {
      if (span.isRecording()) {
        for (const { judge, outcome, reason, score } of answer.verdicts) {
          const attributes = { "sluice.judge": judge, "sluice.outcome": outcome, "sluice.reason": reason };
          span.addEvent("sluice.verdict", score === undefined ? attributes : { ...attributes, "sluice.score": score });
        }
        span.setAttributes(answerAttributes(answer));
      }
      span.end();
    });
  }

  failed({ code, message, status }: GatewayError, costUsd: number | null): void {
    const { quietly, otel, span } = this.#input;
    quietly(() => {
      span.setAttribute("error.type", code);
      if (costUsd !== null) span.setAttribute("sluice.request.cost.usd", costUsd);
      // What a caller has done wrong is no error of the server's (semantic conventions of HTTP).
      if (status >= 500) span.setStatus({ code: otel.SpanStatusCode.ERROR, message });
      span.end();
    });
  }
}
