import { Deleted } from "../../schemas/deleted.js";
import { NewUser, UserList, UserPatch, UserView } from "../../schemas/user.js";
import { actorOf } from "../actor.js";
import { defineRoute } from "../route.js";

const TAG = "Users";

/** GET /v1/users */
export const listUsers = defineRoute({
  method: "GET",
  path: "/v1/users",
  operationId: "listUsers",
  summary: "List everybody who may log in.",
  tag: TAG,
  access: "admin",
  response: UserList,
  handle: ({ services }) => ({ data: [...services.users.list()] }),
});

/** POST /v1/users */
export const createUser = defineRoute({
  method: "POST",
  path: "/v1/users",
  operationId: "createUser",
  summary: "Add a user.",
  tag: TAG,
  access: "admin",
  status: 201,
  body: NewUser,
  response: UserView,
  failures: ["conflict", "rate_limit_exceeded", "store_unavailable"],
  handle: (context) => context.services.users.create(context.body, actorOf(context)),
});

/** GET /v1/users/:id */
export const getUser = defineRoute({
  method: "GET",
  path: "/v1/users/:id",
  operationId: "getUser",
  summary: "Look at one user.",
  tag: TAG,
  access: "admin",
  response: UserView,
  failures: ["not_found"],
  handle: ({ services, params: { id = "" } }) => services.users.get(id),
});

/** PATCH /v1/users/:id */
export const updateUser = defineRoute({
  method: "PATCH",
  path: "/v1/users/:id",
  operationId: "updateUser",
  summary: "Change a user's role, terminals or password.",
  tag: TAG,
  access: "admin",
  body: UserPatch,
  response: UserView,
  failures: ["not_found", "conflict", "rate_limit_exceeded", "store_unavailable"],
  handle: (context) => context.services.users.update(context.params.id ?? "", context.body, actorOf(context)),
});

/** DELETE /v1/users/:id */
export const deleteUser = defineRoute({
  method: "DELETE",
  path: "/v1/users/:id",
  operationId: "deleteUser",
  summary: "Remove a user. Tokens and keys of the user end with it.",
  tag: TAG,
  access: "admin",
  response: Deleted,
  failures: ["not_found", "conflict", "store_unavailable"],
  async handle(context) {
    const { id = "" } = context.params;
    await context.services.users.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});
