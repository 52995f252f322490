import type { GatewayError } from "../errors.js";
import type { LayerName } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { MessageSocket } from "./message-socket.js";

/** The part of an `AbortSignal` the gateway uses; a real one fits, and an adapter may pass a lighter object. */
export interface LeaveSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * A request as the gateway reads it: a structural subset of Fetch's `Request`, so that a real one fits as it is
 * and a Node adapter passes a light object.
 */
export interface GatewayRequest {
  readonly method: string;
  /** Absolute URL, or path and query as they stood in the request line, the mount prefix removed. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** Aborts when the client leaves. */
  readonly signal: LeaveSignal;
  arrayBuffer(): Promise<ArrayBuffer>;
  /**
   * Reads the body, at most `maxBytes` of it. A request without it is read through `arrayBuffer`.
   * @throws GatewayError `payload_too_large`
   */
  bytes?(maxBytes?: number): Promise<Uint8Array>;
  /** The body where something before the gateway has parsed it already. */
  readonly parsedBody?: unknown;
}

/** The other end of the connection a request came on, and what the host application knows of it. */
export interface Peer {
  /** What stands for the connection: the same object for all its requests, and for no other's. */
  readonly connection?: object | undefined;
  /** Remote address, as the socket gives it, or as a proxy says that the host application trusts. */
  readonly address?: string | undefined;
  /** The host that was called, as a proxy says that the host application trusts. @defaultValue the Host header */
  readonly host?: string | undefined;
  /** The port at the other end. */
  readonly remotePort?: number | undefined;
  /** The port the request came in on. */
  readonly localPort?: number | undefined;
  /** The address the server listens on, `0.0.0.0` or `::` for every one; null where it is not known. */
  readonly listensOn?: (() => string | null) | undefined;
  /** True where this connection may become a WebSocket. */
  readonly canUpgrade?: boolean | undefined;
  /** True when the connection is TLS. */
  readonly encrypted?: boolean | undefined;
  /** The host application's own authentication: who makes this request; null for nobody. Goes before the gateway's own. */
  readonly identify?: (() => Identity | null | Promise<Identity | null>) | undefined;
}

/** Takes a streamed body, chunk by chunk. */
export interface ByteSink {
  /** False when the sink is full: no more is wanted until `onDrain` of {@link ByteStream.pipe} is called. */
  write(chunk: Uint8Array | string): boolean;
  end(): void;
  /** The rest will not come and the body has no form to say so in: the connection breaks off, so that nobody takes the part for the whole. */
  abort(): void;
  /** Takes a failure that came after the first output; a sink without it gets the error frame as bytes, then the end. */
  fail?(error: GatewayError): void;
}

/** A streamed body in push form: whoever answers pipes it into a sink once. */
export interface ByteStream {
  /** Starts the flow. Returns the handle by which the sink's owner steers it. */
  pipe(sink: ByteSink): { drain(): void };
}

/** An answer, ready for any HTTP stack. */
export interface GatewayResponse {
  readonly status: number;
  /** Lower-case names. A fresh object each time: whoever answers may add to it. */
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | ByteStream | null;
  /** Takes the WebSocket that this connection becomes, where the status is 101: only for who said that it can. */
  readonly upgrade?: ((socket: MessageSocket) => void) | undefined;
  /** What went wrong, where the answer says that something did: for host applications that handle errors themselves. */
  readonly error?: GatewayError | undefined;
}

/** Every role, from the least to the most rights: each may do what those before it may. */
export const ROLES = ["client", "viewer", "operator", "admin"] as const;

/** What somebody may do, from the model routes alone to everything. */
export type Role = (typeof ROLES)[number];

/** Whether a role has every right of another. */
export function isAtLeast(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(other);
}

/** Every kind of terminal. */
export const TERMINAL_TYPES = ["local", "ssh", "telnet"] as const;

/** Where a terminal runs. */
export type TerminalType = (typeof TERMINAL_TYPES)[number];

/** One caller's own limits, in place of the configured ones. What is left out is as configured; null switches a limit off. */
export interface IdentityLimits {
  /** Requests per window. */
  readonly requests?: number | null | undefined;
  /** Length of the window of `requests`. @defaultValue the configured one */
  readonly windowSeconds?: number | undefined;
  /** Tokens per minute, input and output together. */
  readonly tokensPerMinute?: number | null | undefined;
  /** Model calls that may run at once. */
  readonly concurrency?: number | null | undefined;
}

/** Who is calling. */
export interface Identity {
  /** Stable identifier of the key or user. */
  readonly id: string;
  readonly role: Role;
  /** What it is. @defaultValue `host`: somebody the host application knows */
  readonly kind?: "host" | "user" | "key" | "anonymous" | undefined;
  /** The user behind a key, where there is one. */
  readonly userId?: string | undefined;
  /** Kinds of terminal it may open besides those of its role. */
  readonly terminals?: readonly TerminalType[] | undefined;
  /** The models it may use, by id. @defaultValue all */
  readonly models?: readonly string[] | undefined;
  /** The layers it may use. @defaultValue all */
  readonly layers?: readonly LayerName[] | undefined;
  /** What it may ask models for. @defaultValue everything */
  readonly operations?: readonly Operation[] | undefined;
  /** @defaultValue those of the configuration */
  readonly limits?: IdentityLimits | undefined;
  /** When it ends, milliseconds since the epoch. @defaultValue never */
  readonly expiresAt?: number | undefined;
}
