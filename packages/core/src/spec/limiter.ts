/** So many requests in each window, however the window is placed in time. */
export interface LimitRule {
  readonly limit: number;
  /** Length of the window, milliseconds. */
  readonly windowMs: number;
}

/** What a {@link Limiter} says to one request. */
export interface LimitVerdict {
  readonly admitted: boolean;
  /** How many more the window would admit now. */
  readonly remaining: number;
  /** Milliseconds until the whole limit is there again, if nothing more is admitted. */
  readonly resetMs: number;
  /** Milliseconds until one more will be admitted; 0 while some are left. */
  readonly retryMs: number;
}

/**
 * Counts requests in sliding windows: no stretch of time as long as the window ever admits more than the limit.
 * Only admitted requests count, so that who is refused is not kept out for longer by trying.
 */
export interface Limiter {
  /**
   * Counts one request under a key, if the rule admits it. Never throws and never rejects: a limiter that cannot ask its
   * own store decides by itself; where one fails all the same, a gateway counts in its process. A promise only where something outside the process is asked.
   *
   * @param key what is limited, such as `ip:203.0.113.7` or `key:Xb3…`; the same key always comes with the same `windowMs`
   */
  take(key: string, rule: LimitRule): LimitVerdict | Promise<LimitVerdict>;
}
