import { z } from "zod";
import type { EntryKind } from "../spec/store.js";
import { named } from "./registry.js";
import { PresetName, sshPresetFields, telnetPresetFields } from "./terminal.js";

const { password, privateKey, passphrase } = sshPresetFields;
const { username, hostKey, hostKeyPolicy, jump, host, port } = sshPresetFields;
const { login, encoding } = telnetPresetFields;

const credentials = z.object({ password, privateKey, passphrase });

/** What is sealed of a prepared connection; `jump` in the order of its hosts. */
export const PresetSecrets = credentials.extend({ jump: z.array(credentials).optional() });

/** What is sealed of a prepared connection. */
export type PresetSecrets = z.infer<typeof PresetSecrets>;

/** A prepared connection as it is stored. */
export const StoredPreset = z.object({
  id: PresetName,
  /** Without its secrets. */
  preset: z.looseObject({ type: z.enum(["ssh", "telnet"]) }),
  /** {@link PresetSecrets} under the master key; null for none. */
  sealed: z.string().nullable(),
  changedAt: z.iso.datetime(),
});

/** A prepared connection as it is stored. */
export type StoredPreset = z.infer<typeof StoredPreset>;

/** Changes of the prepared connections, over what the configuration seeds. */
export const PRESETS: EntryKind<StoredPreset> = {
  name: "terminal-presets",
  schema: StoredPreset,
  idOf: ({ id }) => id,
};

const id = PresetName.describe("Its name, by which it is opened.");

export const NewTerminalPreset = named(
  "NewTerminalPreset",
  z.discriminatedUnion("type", [z.object({ id, ...sshPresetFields }), z.object({ id, ...telnetPresetFields })]),
);

/** What `terminals.presets.create` takes. */
export type NewTerminalPreset = z.input<typeof NewTerminalPreset>;

export const TerminalPresetPatch = named(
  "TerminalPresetPatch",
  z
    .object({
      id: z.string(),
      type: z.string(),
      host,
      port: port.unwrap(),
      username: username.nullable(),
      password: password.nullable(),
      privateKey: privateKey.nullable(),
      passphrase: passphrase.nullable(),
      hostKey: hostKey.nullable(),
      hostKeyPolicy: hostKeyPolicy.nullable(),
      jump: jump.nullable(),
      login: login.nullable(),
      encoding: encoding.unwrap(),
    })
    .partial()
    .describe(
      "Any subset of a prepared connection's fields; null clears one. `id` and `type`, if given, must be what they are. " +
        "Where it leads to another host, its secrets have to be given anew: they are never sent where they were not given for.",
    ),
);

/** What `terminals.presets.update` takes. */
export type TerminalPresetPatch = z.input<typeof TerminalPresetPatch>;

const secrets = z.array(z.enum(["password", "privateKey", "passphrase"])).describe("Which secrets it has.");

export const TerminalPresetView = named(
  "TerminalPreset",
  z.object({
    id: z.string(),
    type: z.enum(["ssh", "telnet"]),
    source: z
      .enum(["configuration", "created"])
      .describe("`configuration`: as configured; `created`: made or changed at run time."),
    problem: z.string().nullable().describe("Why it cannot be opened; null where nothing is known against it."),
    host: z.string(),
    port: z.int(),
    username: z.string().nullable(),
    secrets,
    hostKey: z.string().nullable(),
    hostKeyPolicy: z.string().nullable(),
    jump: z
      .array(
        z.object({
          host: z.string(),
          port: z.int(),
          username: z.string().nullable(),
          hostKey: z.string().nullable(),
          secrets,
        }),
      )
      .describe("Hosts it goes through, in order."),
    login: z.object({ userPrompt: z.string().optional(), passwordPrompt: z.string().optional() }).nullable(),
    encoding: z.string().nullable(),
    changedAt: z.iso.datetime().nullable().describe("When it was last changed at run time; null: never."),
  }),
);

/** A prepared connection as answers show it: never its secrets. */
export type TerminalPresetView = z.infer<typeof TerminalPresetView>;

export const TerminalPresetList = named("TerminalPresetList", z.object({ presets: z.array(TerminalPresetView) }));
