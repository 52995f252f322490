import type { PasswordHasher } from "@sluice/core";

/** Keeps passwords as they are, for tests that are about something else than how dear a hash is. */
export const plainPasswords: PasswordHasher = {
  hash: async (password) => `plain ${password}`,
  verify: async (password, hash) => hash === `plain ${password}`,
  isOutdated: () => false,
};
