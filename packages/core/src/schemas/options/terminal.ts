import { z } from "zod";
import { HostKeyPolicy } from "../host-key.js";
import { PresetName, TerminalEnvironment, TerminalPreset } from "../terminal.js";

const HostRule = z.union(
  [z.cidrv4(), z.cidrv6(), z.string().regex(/^[^/\s]{1,255}$/)],
  "must be a host name, an address or a network",
);

/** Who may open which terminals, and what they may use. */
export const Terminal = z.strictObject({
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
