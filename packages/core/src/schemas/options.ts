import { z } from "zod";
import { NewModel } from "./model.js";
import { Auth, Secrets } from "./options/auth.js";
import { Cost, Usage } from "./options/cost.js";
import { Limits } from "./options/limits.js";
import { Mcp } from "./options/mcp.js";
import { Overload } from "./options/overload.js";
import { ProviderConfig, ProviderName, Url } from "./options/provider-config.js";
import { Layer, Routing } from "./options/routing.js";
import { Terminal } from "./options/terminal.js";
import { RedisConfig } from "./redis.js";

/** Every option that is plain data; the same object stands in the server's configuration file. */
export const GatewayConfig = z.strictObject({
  mode: z
    .enum(["development", "production"])
    .default("development")
    .describe("`production` asks credentials on every route but the public ones."),
  providers: z.record(ProviderName, ProviderConfig).default({}).describe("Upstreams by name; changes over HTTP win."),
  layers: z
    .strictObject({ L0: Layer.optional(), L1: Layer.optional(), L2: Layer.optional(), L3: Layer.optional() })
    .default({}),
  models: z.array(NewModel).default([]).describe("Seeds of the catalogue, over the built-in ones."),
  routing: Routing.prefault({}),
  cost: Cost.prefault({}),
  usage: Usage.prefault({}),
  limits: Limits.prefault({}),
  overload: Overload.prefault({}),
  auth: Auth.prefault({}),
  secrets: Secrets.prefault({}),
  terminal: Terminal.prefault({}),
  mcp: Mcp.prefault({}).describe("The MCP server."),
  redis: RedisConfig.nullable()
    .default(null)
    .describe("URL of a Redis, the nodes of a cluster, or sentinels; limits then count over every instance."),
  instances: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .describe(
      "How many instances share one Redis: the part of limits and budgets that each takes while Redis is away. Budgets are shared among more where Redis knew of more.",
    ),
  trustProxy: z
    .union([z.boolean(), z.int().nonnegative(), z.array(z.string())])
    .default(false)
    .describe("Whose `X-Forwarded-For` to believe: a number of proxies, or networks."),
  publicHosts: z.array(z.string().min(1).max(255)).default([]).describe("Host names this gateway answers to."),
  corsOrigins: z.array(z.string().min(1).max(255)).default([]).describe("Web origins that may call it."),
  outboundProxy: Url.nullable().default(null).describe("HTTP proxy for upstream calls."),
  errorFormat: z
    .enum(["auto", "reference", "openai"])
    .default("auto")
    .describe("Shape of errors on the OpenAI routes; `auto` looks at the client library."),
  logLevel: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("The least important lines to log."),
});

/** Resolved plain-data options, every default filled in. */
export type GatewayConfig = z.output<typeof GatewayConfig>;
