import { Deleted } from "../../schemas/deleted.js";
import {
  NewTerminalPreset,
  TerminalPresetList,
  TerminalPresetPatch,
  TerminalPresetView,
} from "../../schemas/terminal-preset.js";
import { actorOf } from "../actor.js";
import { defineRoute, type Route } from "../route.js";

/** A private key fits four times over. */
const MAX_BODY_BYTES = 256 * 1024;
const COMMON = { tag: "Terminal", access: "admin" } as const;

/** GET /v1/terminal/presets */
const listPresets = defineRoute({
  ...COMMON,
  method: "GET",
  path: "/v1/terminal/presets",
  operationId: "listTerminalPresets",
  summary: "List the prepared connections. Secrets are never shown.",
  response: TerminalPresetList,
  handle: ({ services }) => ({ presets: [...services.presets.list()] }),
});

/** POST /v1/terminal/presets */
const createPreset = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/terminal/presets",
  operationId: "createTerminalPreset",
  summary: "Prepare a connection. Its secrets are kept under the master key.",
  status: 201,
  maxBodyBytes: MAX_BODY_BYTES,
  body: NewTerminalPreset,
  response: TerminalPresetView,
  failures: ["conflict", "not_configured", "store_unavailable"],
  handle: (context) => context.services.presets.create(context.body, actorOf(context)),
});

/** GET /v1/terminal/presets/:id */
const getPreset = defineRoute({
  ...COMMON,
  method: "GET",
  path: "/v1/terminal/presets/:id",
  operationId: "getTerminalPreset",
  summary: "Look at one prepared connection.",
  response: TerminalPresetView,
  failures: ["not_found"],
  handle: ({ services, params: { id = "" } }) => services.presets.get(id),
});

/** PATCH /v1/terminal/presets/:id */
const updatePreset = defineRoute({
  ...COMMON,
  method: "PATCH",
  path: "/v1/terminal/presets/:id",
  operationId: "updateTerminalPreset",
  summary: "Change a prepared connection for whoever opens it from now on.",
  maxBodyBytes: MAX_BODY_BYTES,
  body: TerminalPresetPatch,
  response: TerminalPresetView,
  failures: ["not_found", "not_configured", "store_unavailable"],
  handle: (context) => context.services.presets.update(context.params.id ?? "", context.body, actorOf(context)),
});

/** DELETE /v1/terminal/presets/:id */
const deletePreset = defineRoute({
  ...COMMON,
  method: "DELETE",
  path: "/v1/terminal/presets/:id",
  operationId: "deleteTerminalPreset",
  summary: "Remove a prepared connection. Terminals that are open stay open.",
  response: Deleted,
  failures: ["not_found", "store_unavailable"],
  async handle(context) {
    const { id = "" } = context.params;
    await context.services.presets.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});

/** The routes of prepared connections. */
export const presetRoutes: readonly Route[] = [listPresets, createPreset, getPreset, updatePreset, deletePreset];
