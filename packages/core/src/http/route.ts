import type { z } from "zod";
import type { FailureCode } from "../errors.js";
import type { GatewayRequest, GatewayResponse, Identity, Peer } from "../spec/http.js";
import type { ResponseHeader } from "./response-headers.js";
import type { Services } from "./services.js";

/** Least right a route asks for. `public` needs no credential, also in production. */
export type Access = "public" | "client" | "viewer" | "operator" | "admin";

/** What a handler gets. */
export interface RouteContext<Body, Query = unknown> {
  readonly services: Services;
  readonly request: GatewayRequest;
  readonly peer: Peer | undefined;
  readonly identity: Identity;
  readonly requestId: string;
  /** Values of the `:name` parts of the path, decoded once. */
  readonly params: Readonly<Record<string, string>>;
  /** The validated body; undefined for a route without one. */
  readonly body: Body;
  /** The validated parameters after the `?`; undefined for a route without any. */
  readonly query: Query;
  /** The body's JSON text as it came. */
  readonly text: string;
  /** The body of a route that takes forms; null for others. */
  readonly form: Form | null;
  /** Whether another instance has carried it here, which has looked at who calls and from where. */
  readonly isCarried?: boolean | undefined;
}

/** A `multipart/form-data` body, unread. */
export interface Form {
  readonly bytes: Uint8Array;
  /** Its media type, with the boundary. */
  readonly contentType: string;
}

/** A route as a value: its schemas type the handler, validate the request and print the OpenAPI document. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Literal path with `:name` parts; the value of one at the end may hold slashes. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /** Whether calls count against the request limits; probes and pages do not. */
  readonly limited: boolean;
  /** Whether it is refused while the gateway is overloaded, before its body is read. */
  readonly sheds: boolean;
  /** Which error shapes a caller may ask for: `openai` routes answer OpenAI libraries in their own shape. */
  readonly errors: "reference" | "openai";
  /** Default 64 KiB. */
  readonly maxBodyBytes: number;
  /** Success status. */
  readonly status: number;
  readonly body: z.ZodType | undefined;
  /** Whether a request without a body says the same as one with an empty object. */
  readonly bodyIsOptional: boolean;
  /** Parameters after the `?`, as texts; what is not in the schema is not looked at. */
  readonly query: z.ZodObject | undefined;
  /** Whether the body is a form (`multipart/form-data`) instead. */
  readonly takesForm: boolean;
  /** Tells bodies that `body` would surely accept and give back as they are; these are spared it. */
  readonly isPlain: ((value: unknown) => boolean) | undefined;
  /** The JSON answer's schema, or a media type for an answer that is no JSON. */
  readonly response: z.ZodType | string;
  /** The events, for a route that can also answer with a stream of them. */
  readonly stream: EventStream | undefined;
  /** What can go wrong here and not everywhere, for the OpenAPI document. */
  readonly failures: readonly FailureCode[];
  /** A status besides the success at which the answer has the same schema: 503 of health checks. */
  readonly otherStatus: number | undefined;
  /** Headers of a success besides those of every answer, for the OpenAPI document. */
  readonly headers: readonly ResponseHeader[];
  handle(context: RouteContext<unknown>): unknown;
}

/** A stream of server-sent events, as the OpenAPI document tells of it. */
export interface EventStream {
  /** When it comes, and how it ends. */
  readonly description: string;
  /** What each event holds. */
  readonly event: z.ZodType;
}

interface RouteDefinition<
  Body extends z.ZodType | undefined,
  Response extends z.ZodType | string,
  Query extends z.ZodObject | undefined,
> {
  readonly method: Route["method"];
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly limited?: boolean;
  readonly sheds?: boolean;
  readonly errors?: Route["errors"];
  readonly maxBodyBytes?: number;
  readonly status?: number;
  readonly body?: Body;
  readonly bodyIsOptional?: boolean;
  readonly query?: Query;
  readonly takesForm?: boolean;
  readonly isPlain?: (value: unknown) => boolean;
  readonly response: Response;
  readonly stream?: EventStream;
  readonly failures?: readonly FailureCode[];
  readonly otherStatus?: number;
  readonly headers?: readonly ResponseHeader[];
  /** Returns the JSON answer's value, or a whole {@link GatewayResponse} made by `reply`. */
  handle(
    context: RouteContext<
      Body extends z.ZodType ? z.output<Body> : undefined,
      Query extends z.ZodObject ? z.output<Query> : undefined
    >,
  ): Reply<Response> | Promise<Reply<Response>>;
}

type Reply<Response> = Prepared | (Response extends z.ZodType ? z.input<Response> : never);

const PREPARED = Symbol("prepared");

/** A response that goes out as it is. */
export interface Prepared {
  readonly [PREPARED]: GatewayResponse;
}

/** Marks a response as ready to send. */
export function reply(response: GatewayResponse): Prepared {
  return { [PREPARED]: response };
}

/** A JSON answer with a status other than the route's own. */
export function jsonReply(status: number, value: unknown): Prepared {
  return reply({
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(value),
  });
}

/** The response inside {@link reply}'s mark, or null for a plain value. */
export function preparedResponse(value: unknown): GatewayResponse | null {
  return typeof value === "object" && value !== null && PREPARED in value
    ? (value as Prepared)[PREPARED] // the symbol is private to this file
    : null;
}

/** What a route has returned, as a response. */
export function respond(route: Route, result: unknown): GatewayResponse {
  return (
    preparedResponse(result) ?? {
      status: route.status,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(result),
    }
  );
}

const DEFAULT_MAX_BODY_BYTES = 64 * 1024;

/** Types a route's handler by its schemas and fills in the defaults. */
export function defineRoute<
  Response extends z.ZodType | string,
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
>(definition: RouteDefinition<Body, Response, Query>): Route {
  return {
    limited: true,
    sheds: false,
    errors: "reference",
    bodyIsOptional: false,
    takesForm: false,
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    status: 200,
    failures: [],
    headers: [],
    ...definition,
    body: definition.body,
    query: definition.query,
    isPlain: definition.isPlain,
    stream: definition.stream,
    otherStatus: definition.otherStatus,
    // The funnel hands over exactly what `body` validated, so the wider parameter type is safe.
    handle: definition.handle as unknown as Route["handle"],
  };
}
