import { z } from "zod";
import { SeedBudget } from "./budget.js";
import { HostKeyPolicy } from "./host-key.js";
import { LayerName, NewModel, TimeoutsPatch } from "./model.js";
import { RedisConfig } from "./redis.js";
import {
  OpenLocalTerminal,
  OpenSshTerminal,
  OpenTelnetTerminal,
  PresetName,
  TerminalEnvironment,
  TerminalPreset,
} from "./terminal.js";

export const Url = z.url({ protocol: /^https?$/ }).max(2_000);
export const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "must be a header name");

export const ProviderName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a provider's name");

/** One upstream as the configuration describes it. */
export const ProviderConfig = z.strictObject({
  type: z.string().optional().describe("Which built-in provider this is; default: the entry's own name."),
  apiKey: z
    .union([z.string(), z.array(z.string()).max(100)])
    .nullish()
    .describe("The key, or a list of keys used in turn."),
  baseUrl: Url.nullish().describe("Where the provider's API starts."),
  headers: z.record(HeaderName, z.string()).optional().describe("Further request headers."),
  timeouts: TimeoutsPatch.optional().describe("Timers that replace `routing.timeouts` for this provider."),
  concurrency: z
    .int()
    .positive()
    .nullish()
    .describe(
      "Upstream calls allowed at once; up to 128 more wait in order, others go elsewhere or are refused. Default: any number.",
    ),
  includeUsage: z.boolean().optional().describe("Whether streams are asked for usage; default true."),
  version: z
    .enum(["2023-06-01", "2026-10-21"])
    .optional()
    .describe("anthropic only: the `anthropic-version` to speak; default 2023-06-01."),
  siteUrl: Url.optional().describe("openrouter only: sent as `HTTP-Referer`."),
  siteName: z.string().max(200).optional().describe("openrouter only: sent as `X-Title`."),
  latencyMs: z.int().nonnegative().max(600_000).optional().describe("simulator only: wait before each answer."),
});

/** One upstream as the configuration describes it. */
export type ProviderConfig = z.infer<typeof ProviderConfig>;

const Layer = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling."),
});

function window(requests: number, windowSeconds: number) {
  return {
    limit: z.int().positive().default(requests).describe("Requests per window."),
    windowSeconds: z.int().positive().max(86_400).default(windowSeconds).describe("Length of the window."),
  };
}

const Most = z.int().positive().nullable().default(null);

const Limits = z.strictObject({
  perIp: z.strictObject(window(100, 60)).nullable().prefault({}).describe("null switches it off."),
  perKey: z
    .strictObject({
      ...window(1_000, 3_600),
      concurrency: Most.describe("Model calls of one caller at once; null: as many as it likes."),
      tokensPerMinute: Most.describe("Tokens of one caller per minute, input and output together; null: no limit."),
    })
    .nullable()
    .prefault({})
    .describe("null switches it off."),
  ipv6Prefix: z.int().min(48).max(128).default(64).describe("Bits of an IPv6 address that tell callers apart."),
  headers: z
    .enum(["classic", "classic+draft"])
    .default("classic+draft")
    .describe("`classic`: `X-RateLimit-*` alone; else the IETF draft's `RateLimit` and `RateLimit-Policy` too."),
});

const Overload = z.strictObject({
  maxCalls: z
    .int()
    .positive()
    .nullable()
    .default(10_000)
    .describe("Model calls that may run at once, over everybody; more are refused. null: no limit."),
  eventLoopDelayMs: z
    .int()
    .positive()
    .nullable()
    .default(200)
    .describe(
      "Model calls are refused while the process is later than this, again and again for a second. null: never for that.",
    ),
  memoryShare: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(0.8)
    .describe("Model calls are refused above this share of the memory its container gives it. null: never for that."),
});

const Routing = z.strictObject({
  mode: z
    .enum(["off", "economy", "balanced", "quality", "free-first"])
    .default("off")
    .describe("How `auto` escalates and cross-checks."),
  defaultLayer: LayerName.default("L0").describe("Where `auto` starts."),
  enableCrossCheck: z.boolean().default(true).describe("Permits cross-checks."),
  enableAutoEscalate: z.boolean().default(false).describe("Permits escalation on a judge's verdict."),
  maxEscalationLayer: LayerName.default("L0").describe("The highest layer `auto` may reach."),
  judges: z
    .array(z.enum(["sanity", "agreement", "llm-judge", "none"]))
    .default(["sanity", "agreement", "llm-judge"])
    .describe("Who judges, in this order; `llm-judge` only where `judgeModel` is set."),
  onUnknown: z
    .enum(["accept", "escalate"])
    .default("accept")
    .describe("What becomes of an answer that no judge could decide on, such as free text."),
  judgeModel: z
    .string()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .describe("A model that judges where the built-in judges cannot; null: none."),
  maxEscalationShare: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("The largest share of calls that may escalate, 0 to 1; null: no cap."),
  auditShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "The share of accepted answers that the highest layer is asked for too, afterwards, to see how often its answer is another one; it is paid for like any call.",
    ),
  strongShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe(
      "The share of calls that go straight to the ceiling where their answer cannot be judged, such as streams.",
    ),
  bufferStreams: z
    .boolean()
    .default(false)
    .describe("Whether streams are judged too: their first output then waits for the verdict."),
  timeouts: z
    .strictObject({
      connectMs: TimeoutsPatch.shape.connectMs.unwrap().default(5_000),
      headersMs: TimeoutsPatch.shape.headersMs.unwrap().default(60_000),
      firstOutputMs: TimeoutsPatch.shape.firstOutputMs.unwrap().default(60_000),
      idleMs: TimeoutsPatch.shape.idleMs.unwrap().default(30_000),
      totalMs: TimeoutsPatch.shape.totalMs.unwrap().default(600_000),
    })
    .prefault({})
    .describe("Timers of an upstream call."),
  attempts: z.int().min(1).max(20).default(3).describe("Upstream calls per request, over all models."),
  keepAliveAfterMs: z
    .int()
    .positive()
    .nullable()
    .default(15_000)
    .describe("Silence after which a stream gets a comment, milliseconds; null: never."),
});

const Cost = z.strictObject({
  enableCostTracking: z.boolean().default(true).describe("Whether costs are booked."),
  costAlertThreshold: z
    .number()
    .nonnegative()
    .max(9_000)
    .default(1)
    .describe("US dollars a day (UTC), over everybody, after which an alert is raised; 0: never."),
  alertWebhook: z
    .strictObject({
      url: Url.describe("Gets a POST for each alert."),
      secret: z.string().min(16).describe("Signs it; at least 16 characters."),
    })
    .nullable()
    .default(null)
    .describe("Where alerts are sent, besides the log."),
  budgets: z.array(SeedBudget).default([]).describe("Seeds of the budgets; changes over HTTP win."),
});

const Usage = z.strictObject({
  durability: z
    .enum(["process", "power"])
    .default("process")
    .describe(
      "What usage records survive before an answer ends: `process` the end of the process, `power` that of the machine, which costs a disk write each.",
    ),
});

const Auth = z.strictObject({
  jwtSecret: z.string().nullish().describe("Signs login tokens; at least 32 bytes in production."),
  retiredJwtSecrets: z
    .array(z.strictObject({ secret: z.string(), notAfter: z.iso.datetime({ offset: true }) }))
    .max(16)
    .default([])
    .describe("Earlier secrets, whose tokens are good until a time: `{secret, notAfter}`."),
  adminUsername: z.string().min(1).max(64).default("admin").describe("Name of the first admin."),
  adminPassword: z.string().nullish().describe("First admin's password; at least 12 characters in production."),
  tokenTtlSeconds: z.int().positive().default(28_800).describe("How long a login token is valid."),
});

const Secrets = z.strictObject({
  masterKey: z
    .string()
    .nullish()
    .describe(
      "Seals the secrets that are kept in the store: 32 bytes in hexadecimal or base64; none: no secret is kept.",
    ),
  retiredMasterKeys: z
    .array(z.string())
    .max(16)
    .default([])
    .describe("Earlier master keys, which open what they have sealed."),
});

const HostRule = z.union(
  [z.cidrv4(), z.cidrv6(), z.string().regex(/^[^/\s]{1,255}$/)],
  "must be a host name, an address or a network",
);

const Terminal = z.strictObject({
  mode: z
    .enum(["off", "loopback", "authenticated"])
    .default("authenticated")
    .describe("Who may open terminals: nobody, callers on this machine, or whoever has an identity and the right."),
  allowHosts: z
    .array(HostRule)
    .default([])
    .describe("Names (`*` stands for anything), addresses and networks that may be reached although they are private."),
  denyHosts: z.array(HostRule).default([]).describe("The same, for what may never be reached."),
  ports: z.array(z.int().min(1).max(65_535)).default([22, 23, 2222]).describe("Ports that may be reached."),
  presets: z
    .record(PresetName, TerminalPreset)
    .default({})
    .describe("Prepared connections by name: whoever opens one never sees its secrets."),
  presetsOnly: z.boolean().default(false).describe("Whether only prepared connections may be opened."),
  hostKeyPolicy: HostKeyPolicy.default("accept-new"),
  knownHosts: z
    .string()
    .nullable()
    .default(null)
    .describe("A known_hosts file whose keys count too, revoked ones included; null for none."),
  shells: z
    .array(z.string().startsWith("/"))
    .min(1)
    .default(["/bin/bash", "/usr/bin/zsh", "/bin/zsh", "/bin/dash", "/bin/sh"])
    .describe("Shells of local terminals, the default one first; those that are not there are passed over."),
  env: TerminalEnvironment.default({}).describe("Variables that local terminals start with, over the usual ones."),
  allowSecrets: z
    .boolean()
    .default(false)
    .describe("Whether callers may set variables by which providers' keys are known, such as OPENAI_API_KEY."),
  runAs: z
    .strictObject({ uid: z.int().nonnegative(), gid: z.int().nonnegative() })
    .nullable()
    .default(null)
    .describe("The user that local terminals run as; needs a gateway that runs as root."),
  limits: z
    .strictObject({
      processes: z
        .int()
        .positive()
        .nullish()
        .describe(
          "Processes and threads that the terminals' user may have at once. The system counts all that this user runs, " +
            "the gateway too if it is the same one. null: no limit. Default: 1,024 with `runAs`, else no limit.",
        ),
      cpuSeconds: z
        .int()
        .positive()
        .nullable()
        .default(null)
        .describe("Processor time of each process; null: no limit."),
      memoryMb: z.int().positive().nullable().default(null).describe("Address space of each process; null: no limit."),
    })
    .prefault({})
    .describe("What local terminals may use of the machine. Core files are never written."),
  maxSessions: z.int().positive().default(64).describe("Terminals open at once."),
  maxSessionsPerOwner: z.int().positive().default(16).describe("Terminals one user may have open at once."),
  idleTimeoutMs: z.int().positive().default(1_800_000).describe("Without use for so long a terminal is closed."),
  maxLifeMs: z.int().positive().default(43_200_000).describe("However much it is used, a terminal is closed after it."),
  connectTimeoutMs: z.int().positive().default(15_000).describe("Opening a terminal takes no longer."),
  transcripts: z
    .string()
    .nullable()
    .default(null)
    .describe("A directory to write everything that terminals show to, as asciicast v2; null: nowhere."),
  checkPeerUser: z
    .boolean()
    .default(true)
    .describe("Whether `loopback` asks Linux that the caller is the gateway's own user or root."),
});

const AllowRule = z.union([
  z.string().min(1),
  z.strictObject({
    command: z.string().min(1).describe("The words it begins with, exactly."),
    flags: z.array(z.string()).default([]).describe("Flags that may follow; one that ends in = takes any value."),
    operands: z.boolean().default(false).describe("Whether words that are no flags may follow."),
  }),
]);

const Mcp = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether `/v1/mcp` answers."),
  stateless: z
    .boolean()
    .default(false)
    .describe("Whether `/v1/mcp` has no sessions, so that any instance answers any message; terminals need sessions."),
  terminals: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
      z.discriminatedUnion("type", [OpenLocalTerminal.strict(), OpenSshTerminal.strict(), OpenTelnetTerminal.strict()]),
    )
    .default({})
    .describe("Terminals that a model may use, by the names it uses for them, as the bodies that open them."),
  interactive: z.boolean().default(false).describe("Whether it may type into their screens too."),
  allow: z.array(AllowRule).default([]).describe("Commands that need no approval; they hold for local terminals."),
  deny: z
    .array(z.string().refine(isPattern, "must be a regular expression"))
    .default([])
    .describe("Regular expressions of commands that are refused whoever would approve them."),
  approval: z
    .enum(["elicit", "client", "never"])
    .default("elicit")
    .describe(
      "Who approves the rest: the person before the client, asked over MCP; the client, which is trusted to ask; nobody.",
    ),
  transcripts: z
    .string()
    .nullable()
    .default(null)
    .describe("A directory to write into who allowed which command, a file for each session; null: nowhere."),
  budget: z
    .strictObject({
      commands: z.int().positive().default(100).describe("Commands of one session."),
      runMs: z.int().positive().default(1_800_000).describe("How long its commands may run, all together."),
      outputCharacters: z.int().positive().default(1_000_000).describe("Output that its model may read."),
      sessions: z.int().positive().default(8).describe("Terminals that it may have open at the same time."),
    })
    .prefault({}),
});

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

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
