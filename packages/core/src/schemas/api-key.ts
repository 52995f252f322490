import { z } from "zod";
import { ROLES, TERMINAL_TYPES, type TerminalType } from "../spec/http.js";
import { LayerName } from "./model.js";
import { OPERATIONS } from "./operation.js";
import { named } from "./registry.js";
import { RoleName } from "./user.js";

const TERMINAL_SCOPES = TERMINAL_TYPES.map((type) => `terminal:${type}` as const);

export const Scope = named(
  "Scope",
  z
    .enum([...OPERATIONS, ...TERMINAL_SCOPES])
    .describe("What a key may be used for: one operation of the model routes, or one kind of terminal."),
);

/** What a key may be used for. */
export type Scope = z.infer<typeof Scope>;

/** The kind of terminal a scope stands for; undefined for an operation. */
export function terminalOf(scope: Scope): TerminalType | undefined {
  return TERMINAL_TYPES.find((type) => scope === `terminal:${type}`);
}

const count = z.int().positive().nullish();

export const KeyLimits = named(
  "KeyLimits",
  z
    .object({
      requests: count.describe("Requests per window."),
      windowSeconds: z.int().positive().max(86_400).optional().describe("Length of the window of `requests`."),
      tokensPerMinute: count.describe("Tokens per minute, input and output together."),
      concurrency: count.describe("Model calls that may run at once."),
    })
    .describe("Limits of this key in place of the configured ones; null switches one off."),
);

const rights = {
  role: RoleName.describe("The role it acts with; only an admin may give another than `client`."),
  scopes: z
    .array(Scope)
    .max(OPERATIONS.length + TERMINAL_SCOPES.length)
    .nullable()
    .describe("What it may be used for; null: every operation and no terminal."),
  models: z
    .array(z.string().min(1).max(256))
    .max(1_000)
    .nullable()
    .describe("Ids of the models it may use; null: all."),
  layers: z.array(LayerName).max(4).nullable().describe("The layers it may use; null: all."),
};

const settings = {
  name: z.string().max(100).describe("For people."),
  ...rights,
  limits: KeyLimits.nullable(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().describe("When it ends; null: never."),
};

const Creator = z.object({ id: z.string(), kind: z.enum(["host", "user", "key", "anonymous", "system"]) });
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A key as it is stored: never the key itself. */
export const StoredKey = z.object({
  id: z.string().regex(/^[0-9A-Za-z]{8}$/),
  ...settings,
  /** SHA-256 of the key, in hex. */
  hash: Sha256,
  /** The key before the last rotation, and until when it is good as well. */
  previous: z.object({ hash: Sha256, until: z.iso.datetime() }).nullable(),
  userId: z.string().nullable(),
  createdBy: Creator,
  createdAt: z.iso.datetime(),
});

/** A key as it is stored. */
export type StoredKey = z.infer<typeof StoredKey>;

/** When a key was last used, apart from the key: it changes all the time, and the key does not. */
export const KeyUse = z.object({ id: StoredKey.shape.id, at: z.iso.datetime() });

/** When a key was last used. */
export type KeyUse = z.infer<typeof KeyUse>;

/** The entries that uses of keys are. */
export const KEY_USES = { name: "key-uses", schema: KeyUse, idOf: ({ id }: KeyUse) => id };

/** The entries that keys are. */
export const KEYS = { name: "keys", schema: StoredKey, idOf: ({ id }: StoredKey) => id };

export const ApiKeyView = named(
  "ApiKey",
  z.object({
    id: z.string(),
    prefix: z.string().describe("How the key begins, to know it by."),
    ...settings,
    role: z.enum(ROLES),
    userId: z.string().nullable().describe("The user it belongs to, whose role it never exceeds; null: nobody."),
    createdBy: Creator,
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso
      .datetime()
      .nullable()
      .describe("When it was last used, to within five minutes on another instance; null: never."),
    previousUntil: z.iso.datetime().nullable().describe("Until when the key before the last rotation is good as well."),
  }),
);

/** A key as answers show it: never the secret. */
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const ApiKeyList = named("ApiKeyList", z.object({ data: z.array(ApiKeyView) }));

export const ApiKeySecret = named(
  "ApiKeySecret",
  z.object({ key: ApiKeyView, secret: z.string().describe("The key itself. It is shown this once.") }),
);

/** A key and, this once, its secret. */
export type ApiKeySecret = z.infer<typeof ApiKeySecret>;

export const NewApiKey = named(
  "NewApiKey",
  z.object({
    name: settings.name.default(""),
    role: rights.role.default("client"),
    scopes: rights.scopes.default(null),
    models: rights.models.default(null),
    layers: rights.layers.default(null),
    limits: settings.limits.default(null),
    expiresAt: settings.expiresAt.default(null),
    userId: z.string().min(1).max(64).optional().describe("The user it belongs to; default: whoever creates it."),
  }),
);

/** What `keys.create` takes; what is left out gets its default. */
export type NewApiKey = z.input<typeof NewApiKey>;

export const ApiKeyPatch = named(
  "ApiKeyPatch",
  z.object(settings).partial().describe("Any subset of what a key may do and how it is called."),
);

/** What `keys.update` takes. */
export type ApiKeyPatch = z.input<typeof ApiKeyPatch>;

const MAX_OVERLAP_SECONDS = 30 * 86_400;

export const Rotation = named(
  "Rotation",
  z
    .object({
      overlapSeconds: z
        .int()
        .nonnegative()
        .max(MAX_OVERLAP_SECONDS)
        .default(86_400)
        .describe("How long the old key is good as well, seconds."),
    })
    .prefault({}),
);

/** What `keys.rotate` takes. */
export type Rotation = z.input<typeof Rotation>;
