import { ConfigReload, ConfigView } from "../../schemas/config-view.js";
import { actorOf } from "../actor.js";
import { defineRoute } from "../route.js";

const TAG = "Configuration";

/** GET /v1/config */
export const getConfig = defineRoute({
  method: "GET",
  path: "/v1/config",
  operationId: "getConfig",
  summary: "Every value of the configuration in force, and where it comes from; secrets are masked.",
  tag: TAG,
  access: "viewer",
  response: ConfigView,
  handle: ({ services }) => services.configuration.view(),
});

/** POST /v1/config/reload */
export const reloadConfig = defineRoute({
  method: "POST",
  path: "/v1/config/reload",
  operationId: "reloadConfig",
  summary:
    "Read the configuration anew, on this instance. It comes into force as a whole, for every request from now on, or not at all.",
  tag: TAG,
  access: "admin",
  response: ConfigReload,
  failures: ["conflict", "invalid_configuration", "draining"],
  handle: (context) => context.services.configuration.reload(actorOf(context)),
});

/** Every route of the configuration. */
export const configRoutes = [getConfig, reloadConfig];
