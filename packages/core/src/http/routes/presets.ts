import {
  NewTerminalPreset,
  TerminalPresetList,
  TerminalPresetPatch,
  TerminalPresetView,
} from "../../schemas/terminal-preset.js";
import { type Collection, createRoute, getRoute, listRoute, removeRoute, updateRoute } from "../collection.js";
import type { Route } from "../route.js";
import type { PresetsService } from "../services.js";

const PRESETS: Collection<PresetsService> = {
  path: "/v1/terminal/presets",
  tag: "Terminal",
  noun: "TerminalPreset",
  read: "admin",
  write: "admin",
  maxBodyBytes: 256 * 1024, // a private key fits four times over
  service: ({ presets }) => presets,
};

/** The routes of prepared connections. */
export const presetRoutes: readonly Route[] = [
  listRoute(PRESETS, {
    summary: "List the prepared connections. Secrets are never shown.",
    response: TerminalPresetList,
    answer: (presets) => ({ presets }),
  }),
  createRoute(PRESETS, {
    summary: "Prepare a connection. Its secrets are kept under the master key.",
    body: NewTerminalPreset,
    response: TerminalPresetView,
    failures: ["conflict", "not_configured"],
  }),
  getRoute(PRESETS, { summary: "Look at one prepared connection.", response: TerminalPresetView }),
  updateRoute(PRESETS, {
    summary: "Change a prepared connection for whoever opens it from now on.",
    body: TerminalPresetPatch,
    response: TerminalPresetView,
    failures: ["not_configured"],
  }),
  removeRoute(PRESETS, { summary: "Remove a prepared connection. Terminals that are open stay open." }),
];
