import { z } from "zod";
import { named } from "./registry.js";

const Columns = z.int().min(1).max(1_000).describe("Width in characters.");
const Rows = z.int().min(1).max(1_000).describe("Height in lines.");

export const TerminalSize = named("TerminalSize", z.object({ cols: Columns, rows: Rows }));

/** A terminal's size in characters. */
export type TerminalSize = z.infer<typeof TerminalSize>;

const shared = {
  name: z.string().max(200).optional().describe("A note for whoever reads the list."),
  cols: Columns.default(80),
  rows: Rows.default(24),
  idleTimeoutMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .optional()
    .describe("Closed when nobody has used it for so long; default 30 minutes."),
};

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be a variable's name");
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/, "must not hold NUL");

export const TerminalEnvironment = z
  .record(VariableName, text(32_768))
  .refine((env) => Object.keys(env).length <= 256, "at most 256 variables");

/** Environment variables by name. */
export type TerminalEnvironment = z.infer<typeof TerminalEnvironment>;

export const WorkingDirectory = text(4_096).min(1);

export const OpenLocalTerminal = named(
  "OpenLocalTerminal",
  z.object({
    type: z.literal("local"),
    ...shared,
    shell: text(4_096).optional().describe("One of the configured shells, by path or name; default the first."),
    cwd: WorkingDirectory.optional().describe("Where to start; default the home directory."),
    env: TerminalEnvironment.optional().describe("Variables on top of the few that are passed on."),
  }),
);

/** A terminal on the gateway's own machine. */
export type OpenLocalTerminal = z.output<typeof OpenLocalTerminal>;

const Host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?!-)[\p{L}\p{N}._:[\]-]+$/u, "must be a host name or an address");
const Port = z.int().min(1).max(65_535);
/** Never goes through a shell, and must not be able to leave the line it stands in. */
const Username = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(?!-)[^\p{Cc}]+$/u, "must not hold control characters or start with -");
const Secret = z.string().max(32_768);

const credentials = {
  username: Username.optional(),
  password: Secret.optional(),
  privateKey: Secret.optional().describe("A private key in PEM or OpenSSH form."),
  passphrase: Secret.optional().describe("Opens an encrypted private key."),
};

export const SshAnswer = z.union([
  Secret,
  z.object({
    prompt: z.string().min(1).max(200).optional().describe("Part of the question that it answers, in capitals or not."),
    answer: Secret,
  }),
]);

/** What to say to a host that asks. */
export type SshAnswer = z.output<typeof SshAnswer>;

const answers = z
  .array(SshAnswer)
  .max(16)
  .optional()
  .describe(
    "What to answer when the host asks for more than the password, such as a one-time code: each once, one that names its " +
      "question to that, the others in order.",
  );

const hostKey = z
  .string()
  .max(4_096)
  .regex(
    /^(?:SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: [^\p{Cc}]*)?)$/u,
    "must be a fingerprint such as SHA256:…, or a public key",
  )
  .optional()
  .describe("The one host key that is accepted: its fingerprint, or the public key itself.");

export const PresetName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a preset's name");
const Preset = PresetName.optional().describe(
  "The name of a prepared connection, instead of `host`, `username` and whatever else says where to go.",
);

const PreparedJump = z.object({ host: Host, port: Port.default(22), ...credentials, hostKey });
export const SshJump = PreparedJump.extend({ answers });

/** A host on the way to another. */
export type SshJump = z.output<typeof SshJump>;

export const OpenSshTerminal = named(
  "OpenSshTerminal",
  z.object({
    type: z.literal("ssh"),
    ...shared,
    preset: Preset,
    host: Host.optional().describe("Required without a preset."),
    port: Port.default(22),
    ...credentials,
    answers,
    hostKey,
    hostKeyPolicy: z
      .enum(["pinned", "known_hosts", "accept-new", "strict"])
      .optional()
      .describe("How the host's key is checked; default accept-new: the first one seen is remembered."),
    jump: z.array(SshJump).max(3).optional().describe("Hosts to go through, in order."),
    keepaliveMs: z.int().min(1_000).max(600_000).default(15_000).describe("Between two signs of life."),
  }),
);

/** A shell on another machine over SSH. */
export type OpenSshTerminal = z.output<typeof OpenSshTerminal>;

export const OpenTelnetTerminal = named(
  "OpenTelnetTerminal",
  z.object({
    type: z.literal("telnet"),
    ...shared,
    preset: Preset,
    host: Host.optional().describe("Required without a preset."),
    port: Port.default(23),
    username: Username.optional(),
    password: Secret.optional(),
    login: z
      .object({
        userPrompt: z.string().max(200).optional().describe("Text after which the user name is sent."),
        passwordPrompt: z.string().max(200).optional().describe("Text after which the password is sent."),
      })
      .optional()
      .describe("How to log in; without `username` nothing is sent."),
    encoding: z.enum(["utf-8", "latin1"]).default("utf-8").describe("What the other side's bytes mean."),
  }),
);

/** A connection over Telnet: clear text, for devices that have nothing else. */
export type OpenTelnetTerminal = z.output<typeof OpenTelnetTerminal>;

/** What says where an SSH connection goes and who one is there. Answers are good for one login, and come with each. */
export const sshPresetFields = {
  type: z.literal("ssh"),
  host: Host,
  port: Port.default(22),
  ...credentials,
  username: Username,
  hostKey,
  hostKeyPolicy: OpenSshTerminal.shape.hostKeyPolicy,
  jump: z.array(PreparedJump).max(3).optional().describe("Hosts to go through, in order."),
};

/** The same of a Telnet connection. */
export const telnetPresetFields = {
  type: z.literal("telnet"),
  host: Host,
  port: Port.default(23),
  username: Username.optional(),
  password: Secret.optional(),
  login: OpenTelnetTerminal.shape.login,
  encoding: OpenTelnetTerminal.shape.encoding,
};

/** A prepared connection. */
export const TerminalPreset = z.discriminatedUnion("type", [
  z.strictObject(sshPresetFields),
  z.strictObject(telnetPresetFields),
]);

/** A prepared connection. */
export type TerminalPreset = z.output<typeof TerminalPreset>;

export const OpenTerminal = named(
  "OpenTerminal",
  z.discriminatedUnion("type", [OpenLocalTerminal, OpenSshTerminal, OpenTelnetTerminal]),
);

/** A validated request to open a terminal, defaults filled in. */
export type OpenTerminal = z.output<typeof OpenTerminal>;

/** What `terminals.open` takes. */
export type OpenTerminalInput = z.input<typeof OpenTerminal>;

export const TerminalSession = named(
  "TerminalSession",
  z.object({
    id: z
      .string()
      .regex(/^term-\d{13}-[0-9a-z]{20,}$/)
      .describe("Names the session; it is no credential."),
    type: z.enum(["local", "ssh", "telnet"]),
    createdAt: z.iso.datetime({ precision: 3 }),
    connected: z.boolean().describe("False once its connection has ended."),
  }),
);

/** A session as lists show it. */
export type TerminalSession = z.infer<typeof TerminalSession>;

export const TerminalExit = z.object({
  code: z.int().nullable().describe("Exit status; null where there is none."),
  signal: z.string().nullable().describe("The signal that ended it, such as SIGKILL."),
  reason: z.enum(["exited", "connection_lost", "closed"]),
});

/** How a program or a connection has ended. */
export type TerminalExit = z.infer<typeof TerminalExit>;

export const TerminalSessionDetail = named(
  "TerminalSessionDetail",
  TerminalSession.extend({
    state: z.enum(["ready", "busy", "closing", "closed"]),
    name: z.string().nullable(),
    owner: z.string(),
    size: TerminalSize,
    cwd: z.string().nullable().describe("Where the next command starts; null where that is not known."),
    idleMs: z.int().describe("Since somebody used it last."),
    cursor: z.int().describe("Bytes of output so far: where the next one will stand."),
    exit: TerminalExit.nullable().describe("How its shell or connection ended; null while it runs."),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe("What its kind has to say, such as host and fingerprint."),
  }),
);

/** A session and its state. */
export type TerminalSessionDetail = z.infer<typeof TerminalSessionDetail>;

export const TerminalEnvelope = named("TerminalEnvelope", z.object({ session: TerminalSession }));
export const TerminalDetailEnvelope = named("TerminalDetailEnvelope", z.object({ session: TerminalSessionDetail }));
export const TerminalList = named(
  "TerminalList",
  z.object({
    sessions: z.array(z.union([TerminalSessionDetail, TerminalSession])).describe("With `?detail=1` the state too."),
  }),
);
export const TerminalDone = named("TerminalDone", z.object({ success: z.literal(true) }));
