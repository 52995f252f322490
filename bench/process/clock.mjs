/**
 * Milliseconds on the machine's monotonic clock. Unlike `performance.now()` it has the same origin in every process, so
 * one process can stamp what another reads.
 */
export function monotonicMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
