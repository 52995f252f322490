import type { LedgerRow } from "../schemas/ledger.js";
import type { AttemptTrace } from "../spec/tracing.js";
import { rowAttributes } from "./attributes.js";
import type { OpenSpan } from "./span-tools.js";

/** The span of one upstream call, from its start to the row it leaves in the ledger. */
export class AttemptSpan implements AttemptTrace {
  readonly #input: OpenSpan;

  constructor(input: OpenSpan) {
    this.#input = input;
  }

  headers(own: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined {
    const { quietly, otel, context } = this.#input;
    const injected: Record<string, string> = {};
    // Baggage is what the application's own services tell each other.
    quietly(() => otel.propagation.inject(otel.propagation.deleteBaggage(context), injected));
    return { ...injected, ...own };
  }

  within(work: () => void): void {
    const { otel, context } = this.#input;
    otel.context.with(context, work);
  }

  ended(row: LedgerRow): void {
    const { quietly, otel, span } = this.#input;
    quietly(() => {
      if (span.isRecording()) span.setAttributes(rowAttributes(row));
      if (row.status === "failed") span.setStatus({ code: otel.SpanStatusCode.ERROR, message: row.code ?? "" });
      span.end();
    });
  }
}
