import { GatewayError } from "../errors.js";
import type { GatewayRequest, Identity, Peer } from "../spec/http.js";
import { ownOrigins } from "./origins.js";
import type { Services, TerminalsService } from "./services.js";

/** Who asks for terminals, and how. */
export interface TerminalAsk {
  readonly services: Services;
  readonly request: GatewayRequest;
  readonly peer: Peer | undefined;
  readonly identity: Identity;
  /** Whether another instance has carried it here, and has looked at all this. */
  readonly isCarried?: boolean | undefined;
}

/** Headers by which a proxy says that the caller is somebody else. */
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
  "via",
] as const;
const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);
const LOOPBACK = /^(?:127\.|::ffff:127\.|::1$)/i;

/**
 * The terminals, for callers who may know of them at all.
 * @throws GatewayError `forbidden` where they are off, or for callers that are not on this machine where that is asked
 * for; `unauthorized` for nobody in particular where an identity is asked for
 */
export async function terminalsFor(ask: TerminalAsk): Promise<TerminalsService> {
  const terminals = await ask.services.terminals();
  if (ask.isCarried) return terminals;
  if (ask.services.config.terminal.mode === "loopback") {
    const reason = whyNotLocal(ask, terminals);
    if (reason !== null) {
      throw new GatewayError("forbidden", { details: `terminals are for callers on this machine alone: ${reason}` });
    }
  } else if (ask.identity.kind === "anonymous") {
    throw new GatewayError("unauthorized", {
      details: "terminals need an identity; see terminal.mode",
      headers: { "www-authenticate": "Bearer" },
    });
  }
  return terminals;
}

/** A loopback address alone proves nothing: a proxy on this machine has one too, and so have its other users. */
function whyNotLocal({ request: { headers, url }, peer }: TerminalAsk, terminals: TerminalsService): string | null {
  if (peer?.address === undefined || !LOOPBACK.test(peer.address)) return "the connection comes from elsewhere";
  if (!LOOPBACK.test(peer.listensOn?.() ?? "")) return "the server listens on more than loopback";
  if (peer.host !== undefined || FORWARDED.some((name) => headers.get(name) !== null)) return "a proxy passed it on";
  const host = headers.get("host") ?? "";
  if (!LOCAL_NAMES.has(host.toLowerCase().replace(/:\d+$/, ""))) return "the Host is not localhost";
  const origin = headers.get("origin");
  if (origin !== null && !ownOrigins(host, peer, url).includes(origin.toLowerCase())) return "the page is not ours";
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return "the page is not ours";
  return terminals.isOwnUser(peer) ? null : "the caller is another user";
}
