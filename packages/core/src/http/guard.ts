import { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, Peer } from "../spec/http.js";
import { ownOrigins, webOrigins } from "./origins.js";

/** Lets a request in or throws, before anything else is read of it. */
export type Guard = (request: GatewayRequest, peer: Peer | undefined) => void;

const HOST = /^[\w.\-[\]:]{1,255}$/;
/** Where two headers of one name were joined. */
const SECOND_CREDENTIAL = /, ?(?:bearer|basic) /i;
/** Names a page of another site cannot have: DNS rebinding needs a name of its own. */
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];
/** Addresses that stand for every interface: browsers connect there, and no gateway is called so. */
const NOBODYS_NAMES = new Set(["0.0.0.0", "[::]"]);

/**
 * Refuses what a foreign web page could send: a Host that is not ours, another Origin, a cross-site fetch.
 * @throws GatewayError from the guard: `forbidden`, or `invalid_request` for a Host or target that is none
 */
export function createGuard({ mode, publicHosts, corsOrigins }: GatewayConfig): Guard {
  const isServed = hostCheck(mode, new Set(publicHosts.map(lower)));
  const allowedOrigins = webOrigins(corsOrigins);
  // Almost every request carries the host and port of the one before it.
  let lastHost: string | null = null;
  let lastPort: number | undefined;

  function checkHost(host: string, peer: Peer | undefined): void {
    if (!HOST.test(host)) throw invalid("Host: send exactly one, such as localhost:3000");
    if (!isServed(lower(host), peer)) {
      throw forbidden(`the host ${host} is not served here; if it is yours, name it in \`publicHosts\``);
    }
    lastHost = host;
    lastPort = peer?.localPort;
  }

  return (request, peer) => {
    const { headers, url } = request;
    const host = peer?.host ?? headers.get("host") ?? authorityOf(url);
    if (host === null) throw invalid("Host: is missing");
    if (host !== lastHost || peer?.localPort !== lastPort) checkHost(host, peer);
    if (!url.startsWith("/")) checkTarget(url, peer);
    if (SECOND_CREDENTIAL.test(headers.get("authorization") ?? "")) throw invalid("Authorization: send only one");
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    if (origin === null && site === null) return;
    if (origin !== null) {
      if (allowedOrigins.has(lower(origin))) return;
      if (!ownOrigins(host, peer, url).includes(lower(origin))) {
        throw forbidden("pages of this web origin may not call; if it is yours, name it in `corsOrigins`");
      }
    }
    if (site !== null && site !== "same-origin" && site !== "none") {
      throw forbidden("pages of other sites may not call or link here; name your own in `corsOrigins`");
    }
  };
}

/** Says whether a host name, in lower case, is one of ours. */
function hostCheck(mode: GatewayConfig["mode"], publicHosts: ReadonlySet<string>) {
  const anyHost = mode === "production" && publicHosts.size === 0;
  const localNames = new Set(mode === "development" ? LOCAL_NAMES : []);
  return (host: string, peer: Peer | undefined): boolean => {
    const { name, port } = splitPort(host);
    if (NOBODYS_NAMES.has(name)) return false;
    // A proxy in front has a port of its own; a name without a port is meant for any.
    if (anyHost || publicHosts.has(host) || publicHosts.has(name)) return true;
    if (!localNames.has(name)) return false;
    return peer?.localPort === undefined || (port ?? (peer.encrypted ? "443" : "80")) === String(peer.localPort);
  };
}

function splitPort(host: string): { readonly name: string; readonly port: string | undefined } {
  const colon = host.lastIndexOf(":");
  if (colon < 0 || host.endsWith("]")) return { name: host, port: undefined };
  return { name: host.slice(0, colon), port: host.slice(colon + 1) };
}

/**
 * Off a socket only a path is a target: the other forms (RFC 9112 3.2) are for proxies, and name a host that nobody
 * checks. A Fetch request always holds a whole URL, in which frameworks behind a proxy put their own host.
 */
function checkTarget(url: string, peer: Peer | undefined): void {
  if (peer?.localPort === undefined && authorityOf(url) !== null) return;
  throw invalid("the request target must be a path, such as /health");
}

function authorityOf(url: string): string | null {
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? null;
}

function lower(text: string): string {
  return text.toLowerCase();
}

function invalid(details: string): GatewayError {
  return new GatewayError("invalid_request", { details });
}

function forbidden(details: string): GatewayError {
  return new GatewayError("forbidden", { details });
}
