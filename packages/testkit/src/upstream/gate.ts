import { deferred } from "./deferred.js";

/** A door in a scripted reply: the upstream waits at it until the test opens it. */
export interface Gate {
  readonly kind: "gate";
  /** Resolves when a reply has come to the gate, everything before it sent. */
  readonly reached: Promise<void>;
  /** Resolves once the gate is open. */
  readonly opened: Promise<void>;
  open(): void;
  /** Called by whoever plays the reply. */
  reach(): void;
}

/**
 * Makes a closed gate.
 * @example
 * const halfway = gate();
 * upstream.enqueue(openai.stream(["Hello", halfway, " world"]));
 * await halfway.reached; // "Hello" is sent
 * halfway.open();
 */
export function gate(): Gate {
  const reached = deferred();
  const opened = deferred();
  return {
    kind: "gate",
    reached: reached.promise,
    opened: opened.promise,
    open: () => opened.resolve(),
    reach: () => reached.resolve(),
  };
}

/** Whether a part of a reply is a {@link Gate}. */
export function isGate(part: unknown): part is Gate {
  return typeof part === "object" && part !== null && "kind" in part && part.kind === "gate";
}
