import { GatewayError } from "../errors.js";

const MAX_DEPTH = 64;
const MAX_KEYS = 10_000;
const MAX_ITEMS = 100_000;

/**
 * Refuses JSON that later code could choke on: JSON.parse accepts depths at which JSON.stringify and recursion throw.
 * @throws GatewayError `invalid_request`
 */
export function checkJsonLimits(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === MAX_DEPTH) throw refused(`the body is nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) throw refused(`an array holds more than ${MAX_ITEMS} items`);
    for (const item of value) checkJsonLimits(item, depth + 1);
    return;
  }
  let keys = 0;
  // What JSON.parse makes inherits nothing that can be enumerated; an own `__proto__` is among its keys.
  for (const key in value) {
    if (key === "__proto__") throw refused("__proto__ is not allowed as a key");
    if (++keys > MAX_KEYS) throw refused(`an object holds more than ${MAX_KEYS} keys`);
    checkJsonLimits(Reflect.get(value, key), depth + 1);
  }
}

/**
 * The text of a value that somebody else has parsed or made. Its limits come first: what is nested too deep, or in
 * itself, cannot be written.
 * @throws GatewayError `invalid_request`
 */
export function checkedJson(value: unknown): string | undefined {
  checkJsonLimits(value);
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new GatewayError("invalid_request", {
      details: "the body holds what JSON cannot say, such as a BigInt",
      cause,
    });
  }
}

function refused(details: string): GatewayError {
  return new GatewayError("invalid_request", { details });
}
