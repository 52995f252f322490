import type { z } from "zod";
import type { FailureCode } from "../errors.js";
import { Deleted } from "../schemas/deleted.js";
import type { Actor } from "../spec/call.js";
import { actorOf } from "./actor.js";
import { type Access, defineRoute, type Route } from "./route.js";
import type { Services } from "./services.js";

/** Things of one kind that are kept, each under its id: the routes that list, make, show, change and remove them. */
export interface Collection<Service> {
  /** Such as `/v1/keys`. */
  readonly path: string;
  readonly tag: string;
  /** As operations name one of them: `Key` makes `createKey`. */
  readonly noun: string;
  /** Who may look. */
  readonly read: Access;
  /** Who may change. */
  readonly write: Access;
  /** Default 64 KiB. */
  readonly maxBodyBytes?: number;
  readonly service: (services: Services) => Service;
}

/** What every one of its routes says of itself. */
interface Said<Answer> {
  readonly summary: string;
  readonly response: z.ZodType<unknown, Answer>;
  /** What can go wrong besides what always can. */
  readonly failures?: readonly FailureCode[];
}

interface SaidWithBody<Body, Answer> extends Said<Answer> {
  readonly body: z.ZodType<Body>;
}

type Awaitable<Value> = Value | Promise<Value>;

/** GET of all of them. */
export function listRoute<Item, Answer>(
  collection: Collection<{ list(actor: Actor): Awaitable<readonly Item[]> }>,
  { answer, ...said }: Said<Answer> & { readonly answer: (items: Item[]) => Answer },
): Route {
  const { path, tag, noun, read, service } = collection;
  return defineRoute<z.ZodType<unknown, Answer>>({
    ...said,
    method: "GET",
    path,
    operationId: `list${noun}s`,
    tag,
    access: read,
    handle: async (context) => answer([...(await service(context.services).list(actorOf(context)))]),
  });
}

/** POST of another one. */
export function createRoute<Body, Answer>(
  collection: Collection<{ create(input: Body, actor: Actor): Promise<Answer> }>,
  { failures = ["conflict"], ...said }: SaidWithBody<Body, Answer>,
): Route {
  const { path, noun, service, ...common } = changing(collection);
  return defineRoute<z.ZodType<unknown, Answer>, z.ZodType<Body>>({
    ...said,
    ...common,
    method: "POST",
    path,
    operationId: `create${noun}`,
    status: 201,
    failures: [...failures, "store_unavailable"],
    handle: (context) => service(context.services).create(context.body, actorOf(context)),
  });
}

/** GET of one. */
export function getRoute<Answer>(
  collection: Collection<{ get(id: string, actor: Actor): Answer }>,
  said: Said<Answer>,
): Route {
  const { path, tag, noun, read, service } = collection;
  return defineRoute<z.ZodType<unknown, Answer>>({
    ...said,
    method: "GET",
    path: `${path}/:id`,
    operationId: `get${noun}`,
    tag,
    access: read,
    failures: ["not_found"],
    handle: (context) => service(context.services).get(context.params.id ?? "", actorOf(context)),
  });
}

/** PATCH of one. */
export function updateRoute<Body, Answer>(
  collection: Collection<{ update(id: string, patch: Body, actor: Actor): Promise<Answer> }>,
  { failures = [], ...said }: SaidWithBody<Body, Answer>,
): Route {
  const { path, noun, service, ...common } = changing(collection);
  return defineRoute<z.ZodType<unknown, Answer>, z.ZodType<Body>>({
    ...said,
    ...common,
    method: "PATCH",
    path: `${path}/:id`,
    operationId: `update${noun}`,
    failures: ["not_found", ...failures, "store_unavailable"],
    handle: (context) => service(context.services).update(context.params.id ?? "", context.body, actorOf(context)),
  });
}

/** DELETE of one. */
export function removeRoute(
  collection: Collection<{ remove(id: string, actor: Actor): Promise<void> }>,
  { failures = [], ...said }: Omit<Said<never>, "response">,
): Route {
  const { path, tag, noun, write, service } = collection;
  return defineRoute({
    ...said,
    method: "DELETE",
    path: `${path}/:id`,
    operationId: `delete${noun}`,
    tag,
    access: write,
    response: Deleted,
    failures: ["not_found", ...failures, "store_unavailable"],
    async handle(context) {
      const { id = "" } = context.params;
      await service(context.services).remove(id, actorOf(context));
      return { id, deleted: true as const };
    },
  });
}

/** What the routes that take a body have in common. */
function changing<Service>({ write, maxBodyBytes, read: _, ...rest }: Collection<Service>) {
  return { ...rest, access: write, ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }) };
}
