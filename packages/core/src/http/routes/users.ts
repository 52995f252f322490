import { NewUser, UserList, UserPatch, UserView } from "../../schemas/user.js";
import { type Collection, createRoute, getRoute, listRoute, removeRoute, updateRoute } from "../collection.js";
import type { Route } from "../route.js";
import type { UsersService } from "../services.js";

const USERS: Collection<UsersService> = {
  path: "/v1/users",
  tag: "Users",
  noun: "User",
  read: "admin",
  write: "admin",
  service: ({ users }) => users,
};

/** The routes of users. */
export const userRoutes: readonly Route[] = [
  listRoute(USERS, { summary: "List everybody who may log in.", response: UserList, answer: (data) => ({ data }) }),
  createRoute(USERS, {
    summary: "Add a user.",
    body: NewUser,
    response: UserView,
    failures: ["conflict", "rate_limit_exceeded"],
  }),
  getRoute(USERS, { summary: "Look at one user.", response: UserView }),
  updateRoute(USERS, {
    summary: "Change a user's role, terminals or password.",
    body: UserPatch,
    response: UserView,
    failures: ["conflict", "rate_limit_exceeded"],
  }),
  removeRoute(USERS, {
    summary: "Remove a user. Tokens and keys of the user end with it.",
    failures: ["conflict"],
  }),
];
