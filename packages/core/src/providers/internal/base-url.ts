import { addressKind } from "../../net-guard.js";

/** Names that only a private resolver knows: `localhost`, a compose service such as `ollama`, `x.internal`. */
const LOCAL_NAME = /^(?:[^.]+|.*\.(?:localhost|local|internal|lan|home\.arpa))$/;

/**
 * Parses a provider's base URL. Plain http is for this machine and private networks: elsewhere it would carry the key in the open.
 * @throws TypeError naming the configuration key.
 */
export function assertSafeBaseUrl(provider: string, baseUrl: string): URL {
  const key = `providers.${provider}.baseUrl`;
  const url = parse(baseUrl);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new TypeError(`${key} must be an http(s) URL`);
  if (url.username || url.password) throw new TypeError(`${key} must not hold credentials; use apiKey`);
  if (url.search || url.hash) throw new TypeError(`${key} must not hold a query or a fragment`);
  const kind = addressKind(url.hostname);
  if (kind === "forbidden") throw new TypeError(`${key} must not name an unspecified, link-local or multicast address`);
  const local = kind === "loopback" || kind === "private" || (kind === null && LOCAL_NAME.test(url.hostname));
  if (url.protocol === "http:" && !local) throw new TypeError(`${key} must be https outside of private networks`);
  return url;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
