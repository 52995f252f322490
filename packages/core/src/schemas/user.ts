import { z } from "zod";
import { ROLES, TERMINAL_TYPES } from "../spec/http.js";
import { named } from "./registry.js";

export const RoleName = named(
  "Role",
  z.enum(ROLES).describe("What somebody may do, from the model routes alone (`client`) to everything (`admin`)."),
);

const Terminals = z
  .array(z.enum(TERMINAL_TYPES))
  .max(TERMINAL_TYPES.length)
  .describe("Kinds of terminal that may be opened besides those of the role.");

const MAX_PASSWORD_BYTES = 1_024;

/** A password as somebody sends it. */
export const Password = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_PASSWORD_BYTES, `must have at most ${MAX_PASSWORD_BYTES} bytes`);

const newPassword = Password.describe("At least 8 characters in production.");

/** A user as it is stored. */
export const StoredUser = z.object({
  /** The name, which never changes. */
  id: z.string().min(1).max(64),
  role: z.enum(ROLES),
  terminals: Terminals.readonly(),
  /** PHC string. */
  passwordHash: z.string().min(1),
  /** Whether the password is the one the user was first given; a configured one may take its place until somebody sets another. */
  hasFirstPassword: z.boolean(),
  /** Part of every token; a token with another one is good no more. */
  tokenVersion: z.int(),
  /** Tokens that were logged out, until they would have ended by themselves (seconds since the epoch). */
  revoked: z.array(z.object({ jti: z.string(), exp: z.int() })).readonly(),
  createdAt: z.iso.datetime(),
});

/** A user as it is stored. */
export type StoredUser = z.infer<typeof StoredUser>;

/** The entries that users are. */
export const USERS = { name: "users", schema: StoredUser, idOf: ({ id }: StoredUser) => id };

export const LoginUser = named(
  "LoginUser",
  z.object({ id: z.string(), username: z.string().describe("Equal to `id`."), role: RoleName }),
);

export const UserView = named(
  "User",
  z.object({
    id: z.string(),
    username: z.string().describe("Equal to `id`."),
    role: RoleName,
    terminals: Terminals.readonly(),
    createdAt: z.iso.datetime(),
  }),
);

/** A user as answers show it. */
export type UserView = z.infer<typeof UserView>;

export const UserList = named("UserList", z.object({ data: z.array(UserView) }));

export const NewUser = named(
  "NewUser",
  z.object({
    username: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]*$/, "must be letters, digits and . _ @ + -, the first a letter or digit"),
    password: newPassword,
    role: RoleName.default("viewer"),
    terminals: Terminals.default([]),
  }),
);

/** What `users.create` takes. */
export type NewUser = z.input<typeof NewUser>;

export const UserPatch = named(
  "UserPatch",
  z
    .object({ password: newPassword, role: RoleName, terminals: Terminals })
    .partial()
    .describe("Any subset of a user's fields. Each change ends the user's logins."),
);

/** What `users.update` takes: any subset of a user's fields. */
export type UserPatch = z.input<typeof UserPatch>;
