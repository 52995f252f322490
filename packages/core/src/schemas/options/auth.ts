import { z } from "zod";

/** Login and its tokens. */
export const Auth = z.strictObject({
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

/** What seals the secrets in the store. */
export const Secrets = z.strictObject({
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
