import { GatewayError } from "../../errors.js";
import { LoginAnswer, LoginRequest, Me, PasswordChange, Success } from "../../schemas/login.js";
import { actorOf } from "../actor.js";
import { credentialOf } from "../identity.js";
import { defineRoute } from "../route.js";

const TAG = "Login";

/** POST /v1/auth/login */
export const login = defineRoute({
  method: "POST",
  path: "/v1/auth/login",
  operationId: "login",
  summary: "Turn a password into a token.",
  tag: TAG,
  access: "public",
  body: LoginRequest,
  response: LoginAnswer,
  failures: ["unauthorized", "rate_limit_exceeded"],
  handle: (context) => context.services.auth.login(context.body, actorOf(context)),
});

/** POST /v1/auth/logout */
export const logout = defineRoute({
  method: "POST",
  path: "/v1/auth/logout",
  operationId: "logout",
  summary: "End the token this request is made with.",
  tag: TAG,
  access: "client",
  response: Success,
  failures: ["invalid_request", "store_unavailable"],
  async handle(context) {
    await context.services.auth.logout(credentialOf(context.request) ?? "", actorOf(context));
    return { success: true as const };
  },
});

/** POST /v1/auth/password */
export const changePassword = defineRoute({
  method: "POST",
  path: "/v1/auth/password",
  operationId: "changePassword",
  summary: "Set another password. Every token of the user ends; the answer holds a new one.",
  tag: TAG,
  access: "client",
  body: PasswordChange,
  response: LoginAnswer,
  failures: ["rate_limit_exceeded", "store_unavailable"],
  handle: (context) => context.services.auth.changePassword(context.body, actorOf(context)),
});

/** GET /v1/auth/me */
export const getMe = defineRoute({
  method: "GET",
  path: "/v1/auth/me",
  operationId: "getMe",
  summary: "Who is calling.",
  tag: TAG,
  access: "client",
  response: Me,
  handle({ services, identity }) {
    const me = services.auth.describe(identity);
    if (me) return me;
    throw new GatewayError("unauthorized", { details: "nobody is logged in" });
  },
});
