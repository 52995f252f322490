/** Resolves in the next turn of the event loop, which does not sleep until then. */
export function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}
