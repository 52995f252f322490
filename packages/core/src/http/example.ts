/** What a caller may send to an operation, and what comes back. */
export interface Example {
  readonly request?: unknown;
  readonly response?: unknown;
}
