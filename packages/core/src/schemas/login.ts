import { z } from "zod";
import { ApiKeyView } from "./api-key.js";
import { named } from "./registry.js";
import { LoginUser, Password, UserView } from "./user.js";

export const LoginRequest = named(
  "LoginRequest",
  z.object({ username: z.string().min(1).max(256), password: Password }),
);

/** What `auth.login` takes. */
export type LoginRequest = z.infer<typeof LoginRequest>;

export const LoginAnswer = named(
  "Login",
  z.object({
    token: z.string().describe("Send it as `Authorization: Bearer`."),
    user: LoginUser,
  }),
);

/** A token and whom it is for. */
export type LoginAnswer = z.infer<typeof LoginAnswer>;

export const PasswordChange = named("PasswordChange", z.object({ currentPassword: Password, newPassword: Password }));

/** What `auth.changePassword` takes. */
export type PasswordChange = z.infer<typeof PasswordChange>;

export const Me = named(
  "Me",
  z
    .object({ user: z.union([UserView, LoginUser]).optional(), key: ApiKeyView.optional() })
    .describe("Who is calling: a user, or a key."),
);

/** Who is calling. */
export type Me = z.infer<typeof Me>;

export const Success = named("Success", z.object({ success: z.literal(true) }));
