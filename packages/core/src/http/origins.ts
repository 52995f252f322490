import type { Peer } from "../spec/http.js";

/**
 * Configured web origins as browsers write them. `null`, the origin of sandboxed pages and of files, is nobody's,
 * whatever the configuration says.
 */
export function webOrigins(configured: readonly string[]): ReadonlySet<string> {
  const origins = new Set(configured.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  origins.delete("null");
  return origins;
}

/**
 * What the browser calls a page that this gateway served itself: scheme, host and port.
 * `https` always counts, since a proxy in front may end TLS, and no page that came over http can claim it.
 */
export function ownOrigins(host: string, peer: Peer | undefined, url: string): readonly string[] {
  const name = host.toLowerCase();
  const secure = `https://${withoutPort(name, ":443")}`;
  const encrypted = peer?.encrypted ?? url.startsWith("https:");
  return encrypted ? [secure] : [secure, `http://${withoutPort(name, ":80")}`];
}

/** Origins leave the default port out; some clients put it into Host all the same. */
function withoutPort(host: string, port: string): string {
  return host.endsWith(port) ? host.slice(0, -port.length) : host;
}
