import { HostKeyList } from "../../schemas/host-key.js";
import { TerminalDone } from "../../schemas/terminal.js";
import { actorOf } from "../actor.js";
import { defineRoute, type Route } from "../route.js";

const COMMON = { tag: "Terminal", access: "admin" } as const;

/** GET /v1/terminal/hostkeys */
export const listHostKeys = defineRoute({
  ...COMMON,
  method: "GET",
  path: "/v1/terminal/hostkeys",
  operationId: "listHostKeys",
  summary: "List the keys of SSH hosts that were remembered when they were first seen.",
  response: HostKeyList,
  failures: ["store_unavailable"],
  handle: async ({ services }) => ({ hostKeys: [...(await services.hostKeys()).list()] }),
});

/** DELETE /v1/terminal/hostkeys/:id */
export const deleteHostKey = defineRoute({
  ...COMMON,
  method: "DELETE",
  path: "/v1/terminal/hostkeys/:id",
  operationId: "deleteHostKey",
  summary: "Forget a host's key: the next one it shows is remembered in its place.",
  response: TerminalDone,
  failures: ["not_found", "store_unavailable"],
  async handle(context) {
    await (await context.services.hostKeys()).remove(context.params.id ?? "", actorOf(context));
    return { success: true as const };
  },
});

/** The routes of SSH host keys. */
export const hostKeyRoutes: readonly Route[] = [listHostKeys, deleteHostKey];
