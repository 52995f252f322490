// Generated from the schema in options.ts by `npm run generate`.

/** What an application or a configuration file says; everything may be left out. */
export interface GatewayConfigInput {
  /** `production` asks credentials on every route but the public ones. @defaultValue `"development"` */
  mode?: "development" | "production" | undefined;
  /** Upstreams by name; changes over HTTP win. */
  providers?:
    | Record<
        string,
        {
          /** Which built-in provider this is; default: the entry's own name. */
          type?: string | undefined;
          /** The key, or a list of keys used in turn. */
          apiKey?: string | string[] | null | undefined;
          /** Where the provider's API starts. */
          baseUrl?: string | null | undefined;
          /** Further request headers. */
          headers?: Record<string, string> | undefined;
          /** Timers that replace `routing.timeouts` for this provider. */
          timeouts?:
            | {
                /** Until the request is on a connection. */
                connectMs?: number | undefined;
                /** From there to the response headers. */
                headersMs?: number | undefined;
                /** From the headers to the first output of a stream. */
                firstOutputMs?: number | undefined;
                /** Between two reads of the answer. */
                idleMs?: number | undefined;
                /** For the whole call, over all attempts. */
                totalMs?: number | undefined;
              }
            | undefined;
          /** Upstream calls allowed at once; up to 128 more wait in order, others go elsewhere or are refused. Default: any number. */
          concurrency?: number | null | undefined;
          /** Whether streams are asked for usage; default true. */
          includeUsage?: boolean | undefined;
          /** anthropic only: the `anthropic-version` to speak; default 2023-06-01. */
          version?: "2023-06-01" | "2026-10-21" | undefined;
          /** openrouter only: sent as `HTTP-Referer`. */
          siteUrl?: string | undefined;
          /** openrouter only: sent as `X-Title`. */
          siteName?: string | undefined;
          /** simulator only: wait before each answer. */
          latencyMs?: number | undefined;
        }
      >
    | undefined;
  layers?:
    | {
        L0?:
          | {
              /** Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling. */
              enabled?: boolean | undefined;
            }
          | undefined;
        L1?:
          | {
              /** Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling. */
              enabled?: boolean | undefined;
            }
          | undefined;
        L2?:
          | {
              /** Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling. */
              enabled?: boolean | undefined;
            }
          | undefined;
        L3?:
          | {
              /** Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling. */
              enabled?: boolean | undefined;
            }
          | undefined;
      }
    | undefined;
  /** Seeds of the catalogue, over the built-in ones. @defaultValue `[]` */
  models?:
    | {
        /** Identifier; may hold `/`, `:` and `.`. */
        id: string;
        /** Name of a configured or known provider. */
        provider: string;
        /** The provider's own name of the model. */
        apiModelName: string;
        /** A layer, from L0 (free) to L3 (premium). */
        layer: "L0" | "L1" | "L2" | "L3";
        /** Whether it may be used at all. @defaultValue `true` */
        enabled?: boolean | undefined;
        /** Order within the layer, lowest first. @defaultValue `0` */
        priority?: number | undefined;
        /** Tie-breaker within one priority; not a sum of money. @defaultValue `null` */
        relativeCost?: number | null | undefined;
        /** List price; a model without one has an unknown cost, never zero. */
        price?:
          | {
              /** US dollars per million input tokens. */
              inputPerMTok: number;
              /** US dollars per million output tokens. */
              outputPerMTok: number;
              /** Per million tokens read from a cache; default: as input. */
              cacheReadPerMTok?: number | undefined;
              /** Per million tokens written to a cache; default: as input. */
              cacheWritePerMTok?: number | undefined;
              /** Per million tokens written to a cache for an hour; without it the cost of such calls is unknown. */
              cacheWrite1hPerMTok?: number | undefined;
              /** Up to which length of prompt the price holds; the cost of longer ones is unknown. */
              maxPromptTokens?: number | undefined;
              /** The day the price was read. */
              asOf?: string | undefined;
              /** Where the price was read. */
              source?: string | undefined;
            }
          | undefined;
        /** Tokens. */
        contextWindow?: number | undefined;
        /** Tokens; the default of `max_tokens` where a provider needs one. */
        maxOutputTokens?: number | undefined;
        /** What it can do, such as `tools` and `vision`. */
        capabilities?: string[] | undefined;
        /** What it serves; `auto` takes it for these alone. Default: chat, and whatever else it is named for. */
        operations?:
          | (
              | "chat"
              | "completions"
              | "embeddings"
              | "moderations"
              | "rerank"
              | "images.generations"
              | "images.edits"
              | "images.variations"
              | "audio.speech"
              | "audio.transcriptions"
              | "audio.translations"
            )[]
          | undefined;
        /** Model ids tried in order when this one fails before its first output. @defaultValue `[]` */
        fallbacks?: string[] | undefined;
        /** Timers in milliseconds. */
        timeouts?:
          | {
              /** Until the request is on a connection. */
              connectMs?: number | undefined;
              /** From there to the response headers. */
              headersMs?: number | undefined;
              /** From the headers to the first output of a stream. */
              firstOutputMs?: number | undefined;
              /** Between two reads of the answer. */
              idleMs?: number | undefined;
              /** For the whole call, over all attempts. */
              totalMs?: number | undefined;
            }
          | undefined;
      }[]
    | undefined;
  routing?:
    | {
        /** How `auto` escalates and cross-checks. @defaultValue `"off"` */
        mode?: "off" | "economy" | "balanced" | "quality" | "free-first" | undefined;
        /** Where `auto` starts. @defaultValue `"L0"` */
        defaultLayer?: "L0" | "L1" | "L2" | "L3" | undefined;
        /** Permits cross-checks. @defaultValue `true` */
        enableCrossCheck?: boolean | undefined;
        /** Permits escalation on a judge's verdict. @defaultValue `false` */
        enableAutoEscalate?: boolean | undefined;
        /** The highest layer `auto` may reach. @defaultValue `"L0"` */
        maxEscalationLayer?: "L0" | "L1" | "L2" | "L3" | undefined;
        /** Who judges, in this order; `llm-judge` only where `judgeModel` is set. @defaultValue `["sanity","agreement","llm-judge"]` */
        judges?: ("sanity" | "agreement" | "llm-judge" | "none")[] | undefined;
        /** What becomes of an answer that no judge could decide on, such as free text. @defaultValue `"accept"` */
        onUnknown?: "accept" | "escalate" | undefined;
        /** A model that judges where the built-in judges cannot; null: none. @defaultValue `null` */
        judgeModel?: string | null | undefined;
        /** The largest share of calls that may escalate, 0 to 1; null: no cap. @defaultValue `null` */
        maxEscalationShare?: number | null | undefined;
        /** The share of accepted answers that the highest layer is asked for too, afterwards, to see how often its answer is another one; it is paid for like any call. @defaultValue `0` */
        auditShare?: number | undefined;
        /** The share of calls that go straight to the ceiling where their answer cannot be judged, such as streams. @defaultValue `0.2` */
        strongShare?: number | undefined;
        /** Whether streams are judged too: their first output then waits for the verdict. @defaultValue `false` */
        bufferStreams?: boolean | undefined;
        /** Timers of an upstream call. */
        timeouts?:
          | {
              /** Until the request is on a connection. @defaultValue `5000` */
              connectMs?: number | undefined;
              /** From there to the response headers. @defaultValue `60000` */
              headersMs?: number | undefined;
              /** From the headers to the first output of a stream. @defaultValue `60000` */
              firstOutputMs?: number | undefined;
              /** Between two reads of the answer. @defaultValue `30000` */
              idleMs?: number | undefined;
              /** For the whole call, over all attempts. @defaultValue `600000` */
              totalMs?: number | undefined;
            }
          | undefined;
        /** Upstream calls per request, over all models. @defaultValue `3` */
        attempts?: number | undefined;
        /** Silence after which a stream gets a comment, milliseconds; null: never. @defaultValue `15000` */
        keepAliveAfterMs?: number | null | undefined;
      }
    | undefined;
  cost?:
    | {
        /** Whether costs are booked. @defaultValue `true` */
        enableCostTracking?: boolean | undefined;
        /** US dollars a day (UTC), over everybody, after which an alert is raised; 0: never. @defaultValue `1` */
        costAlertThreshold?: number | undefined;
        /** Where alerts are sent, besides the log. @defaultValue `null` */
        alertWebhook?:
          | {
              /** Gets a POST for each alert. */
              url: string;
              /** Signs it; at least 16 characters. */
              secret: string;
            }
          | null
          | undefined;
        /** Seeds of the budgets; changes over HTTP win. @defaultValue `[]` */
        budgets?:
          | {
              /** Identifier. */
              id: string;
              /** What is limited: everything together, an API key, or a user. */
              scope: "global" | "key" | "user";
              /** Id of the key or user; null: each of them has this budget for itself. @defaultValue `null` */
              subject?: string | null | undefined;
              /** How long it lasts, in UTC. */
              window: "day" | "month";
              /** US dollars per window. */
              limitUsd: number;
            }[]
          | undefined;
      }
    | undefined;
  usage?:
    | {
        /** What usage records survive before an answer ends: `process` the end of the process, `power` that of the machine, which costs a disk write each. @defaultValue `"process"` */
        durability?: "process" | "power" | undefined;
      }
    | undefined;
  limits?:
    | {
        /** null switches it off. */
        perIp?:
          | {
              /** Requests per window. @defaultValue `100` */
              limit?: number | undefined;
              /** Length of the window. @defaultValue `60` */
              windowSeconds?: number | undefined;
            }
          | null
          | undefined;
        /** null switches it off. */
        perKey?:
          | {
              /** Requests per window. @defaultValue `1000` */
              limit?: number | undefined;
              /** Length of the window. @defaultValue `3600` */
              windowSeconds?: number | undefined;
              /** Model calls of one caller at once; null: as many as it likes. @defaultValue `null` */
              concurrency?: number | null | undefined;
              /** Tokens of one caller per minute, input and output together; null: no limit. @defaultValue `null` */
              tokensPerMinute?: number | null | undefined;
            }
          | null
          | undefined;
        /** Bits of an IPv6 address that tell callers apart. @defaultValue `64` */
        ipv6Prefix?: number | undefined;
        /** `classic`: `X-RateLimit-*` alone; else the IETF draft's `RateLimit` and `RateLimit-Policy` too. @defaultValue `"classic+draft"` */
        headers?: "classic" | "classic+draft" | undefined;
      }
    | undefined;
  overload?:
    | {
        /** Model calls that may run at once, over everybody; more are refused. null: no limit. @defaultValue `10000` */
        maxCalls?: number | null | undefined;
        /** Model calls are refused while the process is later than this, again and again for a second. null: never for that. @defaultValue `200` */
        eventLoopDelayMs?: number | null | undefined;
        /** Model calls are refused above this share of the memory its container gives it. null: never for that. @defaultValue `0.8` */
        memoryShare?: number | null | undefined;
      }
    | undefined;
  auth?:
    | {
        /** Signs login tokens; at least 32 bytes in production. */
        jwtSecret?: string | null | undefined;
        /** Earlier secrets, whose tokens are good until a time: `{secret, notAfter}`. @defaultValue `[]` */
        retiredJwtSecrets?:
          | {
              secret: string;
              notAfter: string;
            }[]
          | undefined;
        /** Name of the first admin. @defaultValue `"admin"` */
        adminUsername?: string | undefined;
        /** First admin's password; at least 12 characters in production. */
        adminPassword?: string | null | undefined;
        /** How long a login token is valid. @defaultValue `28800` */
        tokenTtlSeconds?: number | undefined;
      }
    | undefined;
  secrets?:
    | {
        /** Seals the secrets that are kept in the store: 32 bytes in hexadecimal or base64; none: no secret is kept. */
        masterKey?: string | null | undefined;
        /** Earlier master keys, which open what they have sealed. @defaultValue `[]` */
        retiredMasterKeys?: string[] | undefined;
      }
    | undefined;
  terminal?:
    | {
        /** Who may open terminals: nobody, callers on this machine, or whoever has an identity and the right. @defaultValue `"authenticated"` */
        mode?: "off" | "loopback" | "authenticated" | undefined;
        /** Names (`*` stands for anything), addresses and networks that may be reached although they are private. @defaultValue `[]` */
        allowHosts?: string[] | undefined;
        /** The same, for what may never be reached. @defaultValue `[]` */
        denyHosts?: string[] | undefined;
        /** Ports that may be reached. @defaultValue `[22,23,2222]` */
        ports?: number[] | undefined;
        /** Prepared connections by name: whoever opens one never sees its secrets. */
        presets?:
          | Record<
              string,
              | {
                  type: "ssh";
                  host: string;
                  /** @defaultValue `22` */
                  port?: number | undefined;
                  username: string;
                  password?: string | undefined;
                  /** A private key in PEM or OpenSSH form. */
                  privateKey?: string | undefined;
                  /** Opens an encrypted private key. */
                  passphrase?: string | undefined;
                  /** The one host key that is accepted: its fingerprint, or the public key itself. */
                  hostKey?: string | undefined;
                  /** How the host's key is checked; default accept-new: the first one seen is remembered. */
                  hostKeyPolicy?: "pinned" | "known_hosts" | "accept-new" | "strict" | undefined;
                  /** Hosts to go through, in order. */
                  jump?:
                    | {
                        host: string;
                        /** @defaultValue `22` */
                        port?: number | undefined;
                        username?: string | undefined;
                        password?: string | undefined;
                        /** A private key in PEM or OpenSSH form. */
                        privateKey?: string | undefined;
                        /** Opens an encrypted private key. */
                        passphrase?: string | undefined;
                        /** The one host key that is accepted: its fingerprint, or the public key itself. */
                        hostKey?: string | undefined;
                      }[]
                    | undefined;
                }
              | {
                  type: "telnet";
                  host: string;
                  /** @defaultValue `23` */
                  port?: number | undefined;
                  username?: string | undefined;
                  password?: string | undefined;
                  /** How to log in; without `username` nothing is sent. */
                  login?:
                    | {
                        /** Text after which the user name is sent. */
                        userPrompt?: string | undefined;
                        /** Text after which the password is sent. */
                        passwordPrompt?: string | undefined;
                      }
                    | undefined;
                  /** What the other side's bytes mean. @defaultValue `"utf-8"` */
                  encoding?: "utf-8" | "latin1" | undefined;
                }
            >
          | undefined;
        /** Whether only prepared connections may be opened. @defaultValue `false` */
        presetsOnly?: boolean | undefined;
        /** What becomes of a host's key: `accept-new` remembers the first one, `strict` knows only those remembered and those in the known_hosts file, `known_hosts` only the latter, `off` looks at none. A changed key is refused. @defaultValue `"accept-new"` */
        hostKeyPolicy?: "accept-new" | "known_hosts" | "strict" | "off" | undefined;
        /** A known_hosts file whose keys count too, revoked ones included; null for none. @defaultValue `null` */
        knownHosts?: string | null | undefined;
        /** Shells of local terminals, the default one first; those that are not there are passed over. @defaultValue `["/bin/bash","/usr/bin/zsh","/bin/zsh","/bin/dash","/bin/sh"]` */
        shells?: string[] | undefined;
        /** Variables that local terminals start with, over the usual ones. */
        env?: Record<string, string> | undefined;
        /** Whether callers may set variables by which providers' keys are known, such as OPENAI_API_KEY. @defaultValue `false` */
        allowSecrets?: boolean | undefined;
        /** The user that local terminals run as; needs a gateway that runs as root. @defaultValue `null` */
        runAs?:
          | {
              uid: number;
              gid: number;
            }
          | null
          | undefined;
        /** What local terminals may use of the machine. Core files are never written. */
        limits?:
          | {
              /** Processes and threads that the terminals' user may have at once. The system counts all that this user runs, the gateway too if it is the same one. null: no limit. Default: 1,024 with `runAs`, else no limit. */
              processes?: number | null | undefined;
              /** Processor time of each process; null: no limit. @defaultValue `null` */
              cpuSeconds?: number | null | undefined;
              /** Address space of each process; null: no limit. @defaultValue `null` */
              memoryMb?: number | null | undefined;
            }
          | undefined;
        /** Terminals open at once. @defaultValue `64` */
        maxSessions?: number | undefined;
        /** Terminals one user may have open at once. @defaultValue `16` */
        maxSessionsPerOwner?: number | undefined;
        /** Without use for so long a terminal is closed. @defaultValue `1800000` */
        idleTimeoutMs?: number | undefined;
        /** However much it is used, a terminal is closed after it. @defaultValue `43200000` */
        maxLifeMs?: number | undefined;
        /** Opening a terminal takes no longer. @defaultValue `15000` */
        connectTimeoutMs?: number | undefined;
        /** A directory to write everything that terminals show to, as asciicast v2; null: nowhere. @defaultValue `null` */
        transcripts?: string | null | undefined;
        /** Whether `loopback` asks Linux that the caller is the gateway's own user or root. @defaultValue `true` */
        checkPeerUser?: boolean | undefined;
      }
    | undefined;
  /** The MCP server. */
  mcp?:
    | {
        /** Whether `/v1/mcp` answers. @defaultValue `false` */
        enabled?: boolean | undefined;
        /** Whether `/v1/mcp` has no sessions, so that any instance answers any message; terminals need sessions. @defaultValue `false` */
        stateless?: boolean | undefined;
        /** Terminals that a model may use, by the names it uses for them, as the bodies that open them. */
        terminals?:
          | Record<
              string,
              | {
                  type: "local";
                  /** A note for whoever reads the list. */
                  name?: string | undefined;
                  /** Width in characters. @defaultValue `80` */
                  cols?: number | undefined;
                  /** Height in lines. @defaultValue `24` */
                  rows?: number | undefined;
                  /** Closed when nobody has used it for so long; default 30 minutes. */
                  idleTimeoutMs?: number | undefined;
                  /** One of the configured shells, by path or name; default the first. */
                  shell?: string | undefined;
                  /** Where to start; default the home directory. */
                  cwd?: string | undefined;
                  /** Variables on top of the few that are passed on. */
                  env?: Record<string, string> | undefined;
                }
              | {
                  type: "ssh";
                  /** A note for whoever reads the list. */
                  name?: string | undefined;
                  /** Width in characters. @defaultValue `80` */
                  cols?: number | undefined;
                  /** Height in lines. @defaultValue `24` */
                  rows?: number | undefined;
                  /** Closed when nobody has used it for so long; default 30 minutes. */
                  idleTimeoutMs?: number | undefined;
                  /** The name of a prepared connection, instead of `host`, `username` and whatever else says where to go. */
                  preset?: string | undefined;
                  /** Required without a preset. */
                  host?: string | undefined;
                  /** @defaultValue `22` */
                  port?: number | undefined;
                  username?: string | undefined;
                  password?: string | undefined;
                  /** A private key in PEM or OpenSSH form. */
                  privateKey?: string | undefined;
                  /** Opens an encrypted private key. */
                  passphrase?: string | undefined;
                  /** What to answer when the host asks for more than the password, such as a one-time code: each once, one that names its question to that, the others in order. */
                  answers?:
                    | (
                        | string
                        | {
                            /** Part of the question that it answers, in capitals or not. */
                            prompt?: string | undefined;
                            answer: string;
                          }
                      )[]
                    | undefined;
                  /** The one host key that is accepted: its fingerprint, or the public key itself. */
                  hostKey?: string | undefined;
                  /** How the host's key is checked; default accept-new: the first one seen is remembered. */
                  hostKeyPolicy?: "pinned" | "known_hosts" | "accept-new" | "strict" | undefined;
                  /** Hosts to go through, in order. */
                  jump?:
                    | {
                        host: string;
                        /** @defaultValue `22` */
                        port?: number | undefined;
                        username?: string | undefined;
                        password?: string | undefined;
                        /** A private key in PEM or OpenSSH form. */
                        privateKey?: string | undefined;
                        /** Opens an encrypted private key. */
                        passphrase?: string | undefined;
                        /** The one host key that is accepted: its fingerprint, or the public key itself. */
                        hostKey?: string | undefined;
                        /** What to answer when the host asks for more than the password, such as a one-time code: each once, one that names its question to that, the others in order. */
                        answers?:
                          | (
                              | string
                              | {
                                  /** Part of the question that it answers, in capitals or not. */
                                  prompt?: string | undefined;
                                  answer: string;
                                }
                            )[]
                          | undefined;
                      }[]
                    | undefined;
                  /** Between two signs of life. @defaultValue `15000` */
                  keepaliveMs?: number | undefined;
                }
              | {
                  type: "telnet";
                  /** A note for whoever reads the list. */
                  name?: string | undefined;
                  /** Width in characters. @defaultValue `80` */
                  cols?: number | undefined;
                  /** Height in lines. @defaultValue `24` */
                  rows?: number | undefined;
                  /** Closed when nobody has used it for so long; default 30 minutes. */
                  idleTimeoutMs?: number | undefined;
                  /** The name of a prepared connection, instead of `host`, `username` and whatever else says where to go. */
                  preset?: string | undefined;
                  /** Required without a preset. */
                  host?: string | undefined;
                  /** @defaultValue `23` */
                  port?: number | undefined;
                  username?: string | undefined;
                  password?: string | undefined;
                  /** How to log in; without `username` nothing is sent. */
                  login?:
                    | {
                        /** Text after which the user name is sent. */
                        userPrompt?: string | undefined;
                        /** Text after which the password is sent. */
                        passwordPrompt?: string | undefined;
                      }
                    | undefined;
                  /** What the other side's bytes mean. @defaultValue `"utf-8"` */
                  encoding?: "utf-8" | "latin1" | undefined;
                }
            >
          | undefined;
        /** Whether it may type into their screens too. @defaultValue `false` */
        interactive?: boolean | undefined;
        /** Commands that need no approval; they hold for local terminals. @defaultValue `[]` */
        allow?:
          | (
              | string
              | {
                  /** The words it begins with, exactly. */
                  command: string;
                  /** Flags that may follow; one that ends in = takes any value. @defaultValue `[]` */
                  flags?: string[] | undefined;
                  /** Whether words that are no flags may follow. @defaultValue `false` */
                  operands?: boolean | undefined;
                }
            )[]
          | undefined;
        /** Regular expressions of commands that are refused whoever would approve them. @defaultValue `[]` */
        deny?: string[] | undefined;
        /** Who approves the rest: the person before the client, asked over MCP; the client, which is trusted to ask; nobody. @defaultValue `"elicit"` */
        approval?: "elicit" | "client" | "never" | undefined;
        /** A directory to write into who allowed which command, a file for each session; null: nowhere. @defaultValue `null` */
        transcripts?: string | null | undefined;
        budget?:
          | {
              /** Commands of one session. @defaultValue `100` */
              commands?: number | undefined;
              /** How long its commands may run, all together. @defaultValue `1800000` */
              runMs?: number | undefined;
              /** Output that its model may read. @defaultValue `1000000` */
              outputCharacters?: number | undefined;
              /** Terminals that it may have open at the same time. @defaultValue `8` */
              sessions?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** URL of a Redis, the nodes of a cluster, or sentinels; limits then count over every instance. @defaultValue `null` */
  redis?:
    | string
    | {
        /** Some nodes of a cluster; they name the others. */
        cluster: string[];
      }
    | {
        /** Sentinels that know which server to use. */
        sentinels: string[];
        /** What the sentinels call the group of servers. @defaultValue `"mymaster"` */
        name?: string | undefined;
        /** User of the servers. */
        username?: string | undefined;
        /** Password of the servers. */
        password?: string | undefined;
        /** Password of the sentinels. */
        sentinelPassword?: string | undefined;
      }
    | null
    | undefined;
  /** How many instances share one Redis: the part of limits and budgets that each takes while Redis is away. Budgets are shared among more where Redis knew of more. @defaultValue `1` */
  instances?: number | undefined;
  /** Whose `X-Forwarded-For` to believe: a number of proxies, or networks. @defaultValue `false` */
  trustProxy?: boolean | number | string[] | undefined;
  /** Host names this gateway answers to. @defaultValue `[]` */
  publicHosts?: string[] | undefined;
  /** Web origins that may call it. @defaultValue `[]` */
  corsOrigins?: string[] | undefined;
  /** HTTP proxy for upstream calls. @defaultValue `null` */
  outboundProxy?: string | null | undefined;
  /** Shape of errors on the OpenAI routes; `auto` looks at the client library. @defaultValue `"auto"` */
  errorFormat?: "auto" | "reference" | "openai" | undefined;
  /** The least important lines to log. @defaultValue `"info"` */
  logLevel?: "debug" | "info" | "warn" | "error" | "silent" | undefined;
}
