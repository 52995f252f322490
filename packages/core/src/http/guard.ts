import { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, Peer } from "../spec/http.js";

/** Lets a request in or throws, before anything else is read of it. */
export type Guard = (request: GatewayRequest, peer: Peer | undefined) => void;

const HOST = /^[\w.\-[\]:]+$/;
/** Names a browser page of another site cannot make point here: DNS rebinding needs a name of its own. */
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses what a foreign web page could send: a Host that is not ours, another Origin, a cross-site fetch.
 * @throws GatewayError from the guard: `forbidden`, or `invalid_request` for a Host that is none
 */
export function createGuard({ mode, publicHosts, corsOrigins }: GatewayConfig): Guard {
  const named = new Set([...publicHosts.map(lower), ...(mode === "development" ? LOCAL_NAMES : [])]);
  const anyHost = mode === "production" && publicHosts.length === 0;
  const foreign = new Set(corsOrigins.map(lower));
  // Almost every request carries the host and port of the one before it.
  let lastHost = "";
  let lastPort: number | undefined;

  function checkHost(host: string, peer: Peer | undefined): void {
    if (host === lastHost && peer?.localPort === lastPort) return;
    if (!HOST.test(host)) throw new GatewayError("invalid_request", { details: "Host: must be one host name" });
    if (!anyHost && !isNamed(lower(host), named, peer)) {
      throw new GatewayError("forbidden", { details: "this host is not served here; name it in publicHosts" });
    }
    lastHost = host;
    lastPort = peer?.localPort;
  }

  return (request, peer) => {
    const { headers } = request;
    const host = headers.get("host") ?? hostOfUrl(request.url);
    if (host === null) throw new GatewayError("invalid_request", { details: "Host: is missing" });
    checkHost(host, peer);
    const authorization = headers.get("authorization");
    if (authorization?.includes(", ")) throw new GatewayError("invalid_request", { details: "Authorization: only one is allowed" });
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    if (origin === null && site === null) return;
    const allowed = origin !== null && foreign.has(lower(origin));
    if (origin !== null && !allowed && lower(origin) !== ownOrigin(request, host, peer)) {
      throw new GatewayError("forbidden", { details: "this web origin may not call; name it in corsOrigins" });
    }
    if (site !== null && site !== "same-origin" && site !== "none" && !allowed) {
      throw new GatewayError("forbidden", { details: "web pages of other sites may not call; name theirs in corsOrigins" });
    }
  };
}

/** A public name may come with any port, as proxies have their own; a local name only with ours. */
function isNamed(host: string, named: ReadonlySet<string>, peer: Peer | undefined): boolean {
  if (named.has(host) && !LOCAL_NAMES.includes(host)) return true;
  const { name, port } = splitPort(host);
  if (!named.has(name)) return named.has(host);
  if (!LOCAL_NAMES.includes(name) || peer?.localPort === undefined) return true;
  return Number(port ?? (peer.encrypted ? 443 : 80)) === peer.localPort;
}

function splitPort(host: string): { readonly name: string; readonly port: string | undefined } {
  const colon = host.lastIndexOf(":");
  if (colon < 0 || host.endsWith("]")) return { name: host, port: undefined };
  return { name: host.slice(0, colon), port: host.slice(colon + 1) };
}

/** Scheme, host and port as the page that we serve ourselves would say them. */
function ownOrigin({ url }: GatewayRequest, host: string, peer: Peer | undefined): string {
  const secure = peer ? peer.encrypted === true : url.startsWith("https:");
  return `${secure ? "https" : "http"}://${lower(host)}`;
}

/** A Fetch request has its host in the URL. */
function hostOfUrl(url: string): string | null {
  return /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? null;
}

function lower(text: string): string {
  return text.toLowerCase();
}
