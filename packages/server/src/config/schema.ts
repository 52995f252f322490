import { GatewayConfig } from "@sluice/core";
import { z } from "zod";

const { models, terminal } = GatewayConfig.shape;
const { mode } = terminal.unwrap().shape;

/** Everything the server can be told: the gateway's own options, and where to listen and keep things. */
export const ServerConfig = z.strictObject({
  $schema: z.string().optional().describe("For editors; not read."),
  ...GatewayConfig.shape,
  // The API overlooks what it does not know in a model; in a file it is a typing mistake.
  models: z
    .array(models.unwrap().element.strict())
    .default([])
    .describe(models.description ?? ""),
  // An application decides who its callers are; this server serves its own machine unless it is told otherwise.
  terminal: terminal
    .unwrap()
    .extend({
      mode: mode
        .unwrap()
        .default("loopback")
        .describe(mode.description ?? ""),
    })
    .prefault({})
    .describe(terminal.description ?? ""),
  host: z.string().min(1).nullable().default(null).describe("Address to listen on; null: 127.0.0.1 and ::1."),
  port: z.int().min(0).max(65_535).default(3000).describe("Port to listen on; 0 takes a free one."),
  dataDir: z.string().min(1).default("./.sluice").describe("Where the server keeps its files; one process each."),
  store: z
    .string()
    .regex(/^(?:sqlite|memory|postgres(?:ql)?:\/\/.*)$/, "must be sqlite, memory or a postgres:// URL")
    .default("sqlite")
    .describe("Where model changes are kept."),
});

/** The server's configuration with every default filled in. */
export type ServerConfig = z.output<typeof ServerConfig>;
