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
  drain: z
    .strictObject({
      acceptMs: z
        .int()
        .min(0)
        .max(600_000)
        .nullable()
        .default(null)
        .describe(
          "How long to go on accepting when told to stop: longer than load balancers take to notice `/readyz`. null: 2,000 in production, 0 in development.",
        ),
      finishMs: z
        .int()
        .min(0)
        .max(3_600_000)
        .default(25_000)
        .describe("How long calls in flight get to finish after it."),
    })
    .prefault({})
    .describe("How to end without failing anybody."),
});

/** The server's configuration with every default filled in. */
export type ServerConfig = z.output<typeof ServerConfig>;
