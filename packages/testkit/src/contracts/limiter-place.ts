import type { Limiter } from "@sluice/core";

/** Where a limiter counts; each test gets a new, empty one. */
export interface LimiterPlace {
  /** A limiter on this place, as another instance of the gateway would make it. */
  connect(): Limiter;
  /** Lets time pass, in milliseconds: a fake clock's, or real time. */
  pass(ms: number): void | Promise<void>;
  /** Ends every limiter of the place and removes what they counted. */
  close?(): Promise<void>;
}

/** How a limiter is tested, and what it may leave out, each with the reason. */
export interface LimiterContractOptions {
  /**
   * The window that tests let pass. On a busy machine half of a short one is over before its time; where `pass` does not
   * wait, it may be long. @defaultValue 1,000
   */
  readonly windowMs?: number;
  readonly skip?: {
    /** Several limiters count together. */
    readonly sharing?: string;
  };
}
