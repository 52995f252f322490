import { describe, expect, it } from "vitest";
import type { PasswordHasher } from "../spec/password-hasher.js";
import { Passwords } from "./password.js";
import { scryptHasher } from "./scrypt.js";

/** As cheap as it gets. */
const CHEAP = { logN: 1, r: 1, p: 1 };

describe("scryptHasher", () => {
  it("keeps what a hash was made with beside it, at the cost OWASP asks for", async () => {
    const hash = await scryptHasher().hash("correct horse");
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await scryptHasher(CHEAP).verify("correct horse", hash)).toBe(true);
  });

  it("tells the right password from others, by whatever cost its hash was made", async () => {
    const hash = await scryptHasher({ logN: 2, r: 2, p: 2 }).hash("pässwörd");
    const hasher = scryptHasher(CHEAP);
    expect(await hasher.verify("pässwörd", hash)).toBe(true);
    expect(await hasher.verify("pa\u0308sswo\u0308rd", hash)).toBe(true); // the same, typed on another machine
    for (const wrong of ["passwörd", "pässwörd ", "", "PÄSSWÖRD"]) expect(await hasher.verify(wrong, hash)).toBe(false);
    expect([hasher.isOutdated(hash), hasher.isOutdated(await hasher.hash("x"))]).toEqual([true, false]);
  });

  it("salts: one password twice is two hashes", async () => {
    const hasher = scryptHasher(CHEAP);
    expect(await hasher.hash("x")).not.toBe(await hasher.hash("x"));
  });

  it.each(["", "$scrypt$", "$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA", "plain"])(
    "knows no password for the hash %j",
    async (hash) => {
      expect(await scryptHasher(CHEAP).verify("x", hash)).toBe(false);
      expect(scryptHasher(CHEAP).isOutdated(hash)).toBe(true);
    },
  );
});

describe("Passwords", () => {
  it("lets two calculate and sixteen wait, and refuses more", async () => {
    let running = 0;
    let most = 0;
    const hasher: PasswordHasher = {
      ...scryptHasher(CHEAP),
      async hash(password) {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return password;
      },
    };
    const passwords = new Passwords(hasher);
    const outcomes = await Promise.allSettled(Array.from({ length: 25 }, (_, index) => passwords.hash(`${index}`)));
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect([most, refused.length]).toEqual([2, 25 - 18]);
    expect(refused[0]).toMatchObject({ reason: { code: "rate_limit_exceeded", retryAfterMs: 1_000 } });
    expect(await passwords.hash("later")).toBe("later");
  });

  it("calculates for a user who is not there what it does for one who is, and says no even if it fits", async () => {
    const verified: string[] = [];
    const hasher: PasswordHasher = {
      hash: async () => "made up",
      async verify(_password, hash) {
        verified.push(hash);
        return true;
      },
      isOutdated: () => false,
    };
    const passwords = new Passwords(hasher);
    expect([await passwords.verify("x", undefined), await passwords.verify("x", "stored")]).toEqual([false, true]);
    expect(verified).toEqual(["made up", "stored"]);
  });
});
