import { createHmac } from "node:crypto";
import { fakeClock } from "@sluice/testkit";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { Tokens } from "./jwt.js";
import { Keyring } from "./keyring.js";

const SECRET = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";
const OTHER = "0b1d938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb639";
const SUBJECT = { sub: "admin", role: "admin", tv: 7 } as const;
const TTL = 3_600;

function tokensOf(keyring = new Keyring(SECRET), clock = fakeClock()) {
  return { clock, keyring, tokens: new Tokens({ keyring, clock, ttlSeconds: TTL }) };
}

function decoded(part: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(part ?? "", "base64url").toString());
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A token put together by hand. */
function forged(header: object, payload: object, secret: string | null = SECRET, hash = "sha256"): string {
  const body = `${encoded(header)}.${encoded(payload)}`;
  const signature = secret === null ? "" : createHmac(hash, secret).update(body).digest("base64url");
  return `${body}.${signature}`;
}

describe("Tokens", () => {
  it("signs with HS256 and says who, for whom, since when and until when", async () => {
    const { tokens, clock, keyring } = tokensOf();
    const token = await tokens.sign(SUBJECT);
    const [header, payload] = token.split(".");
    const now = clock.now() / 1_000;
    expect(decoded(header)).toEqual({ alg: "HS256", typ: "JWT", kid: keyring.current.kid });
    expect(decoded(payload)).toEqual({
      ...SUBJECT,
      iss: "sluice",
      aud: "sluice",
      iat: now,
      exp: now + TTL,
      jti: expect.any(String),
    });
    expect(await tokens.verify(token)).toEqual({ ...SUBJECT, jti: decoded(payload).jti, exp: now + TTL });
  });

  it("knows a token again without calculating, until it ends", async () => {
    const { tokens, clock } = tokensOf();
    const token = await tokens.sign(SUBJECT);
    expect(tokens.verify(token)).toBeInstanceOf(Promise);
    await tokens.verify(token);
    expect(tokens.verify(token)).toMatchObject(SUBJECT);
    clock.advance((TTL + 6) * 1_000);
    expect(await tokens.verify(token)).toBeNull();
  });

  it("verifies what retired secrets have signed until their time is over, and signs with the first", async () => {
    const clock = fakeClock();
    const before = tokensOf(new Keyring(OTHER), clock);
    const notAfter = new Date(clock.now() + 60_000).toISOString();
    const after = tokensOf(new Keyring(SECRET, [{ secret: OTHER, notAfter }]), clock);
    const token = await before.tokens.sign(SUBJECT);
    expect(await after.tokens.verify(token)).toMatchObject(SUBJECT);
    expect(decoded((await after.tokens.sign(SUBJECT)).split(".")[0]).kid).toBe(after.keyring.current.kid);
    clock.advance(60_000);
    expect(await after.tokens.verify(token)).toBeNull();
    expect(await tokensOf(new Keyring(SECRET), clock).tokens.verify(token)).toBeNull();
  });

  it("knows no token of another process where no secret was given", async () => {
    const token = await tokensOf(new Keyring(null)).tokens.sign(SUBJECT);
    expect(await tokensOf(new Keyring(null)).tokens.verify(token)).toBeNull();
  });
});

describe("what is no token of ours", () => {
  const { tokens, clock, keyring } = tokensOf();
  const now = clock.now() / 1_000;
  const header = { alg: "HS256", typ: "JWT", kid: keyring.current.kid };
  const payload = { ...SUBJECT, iss: "sluice", aud: "sluice", iat: now, exp: now + TTL, jti: "j" };
  const { exp: _exp, ...endless } = payload;
  const { jti: _jti, ...nameless } = payload;
  const { tv: _tv, ...versionless } = payload;
  const { iat: _iat, ...timeless } = payload;

  it("is not this one, which all others are made from", async () => {
    expect(await tokens.verify(forged(header, payload))).toMatchObject(SUBJECT);
  });

  it.each<readonly [string, string]>([
    ...["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"].flatMap((alg) => [
      [`alg ${alg}, unsigned`, forged({ ...header, alg }, payload, null)] as const,
      [`alg ${alg}, signed`, forged({ ...header, alg }, payload)] as const,
    ]),
    ["no alg", forged({ typ: "JWT", kid: header.kid }, payload)],
    ["HS512 with the right secret", forged({ ...header, alg: "HS512" }, payload, SECRET, "sha512")],
    ["HS384 with the right secret", forged({ ...header, alg: "HS384" }, payload, SECRET, "sha384")],
    ["RS256", forged({ ...header, alg: "RS256" }, payload)],
    ...["", "secret", "changeme", "sluice", "jwt_secret", "your-256-bit-secret", "0".repeat(32)].map(
      (secret) => [`a guess, ${secret}`, forged(header, payload, secret)] as const,
    ),
    ["another typ", forged({ ...header, typ: "at+jwt" }, payload)],
    ["no typ", forged({ alg: "HS256", kid: header.kid }, payload)],
    ["no kid", forged({ alg: "HS256", typ: "JWT" }, payload)],
    ...["../../dev/null", "__proto__", "constructor", "' OR 1=1 --", "", 7, null].map(
      (kid) => [`kid ${kid}`, forged({ ...header, kid }, payload)] as const,
    ),
    ["a jwk of its own", forged({ ...header, jwk: { kty: "oct", k: encoded("x") } }, payload)],
    ["a jku", forged({ ...header, jku: "http://127.0.0.1/keys" }, payload)],
    ["an x5u", forged({ ...header, x5u: "http://127.0.0.1/cert" }, payload)],
    ["a crit", forged({ ...header, crit: ["x"], x: 1 }, payload)],
    ["another issuer", forged(header, { ...payload, iss: "other" })],
    ["another audience", forged(header, { ...payload, aud: ["other"] })],
    ["an end that is past", forged(header, { ...payload, exp: now - 10 })],
    ["no end", forged(header, endless)],
    ["an end in words", forged(header, { ...payload, exp: "never" })],
    ["an age beyond what is given out", forged(header, { ...payload, iat: now - 2 * TTL, exp: now + TTL })],
    ["a birth in the future", forged(header, { ...payload, iat: now + 60 })],
    ["a time not yet come", forged(header, { ...payload, nbf: now + 60 })],
    ["no birth", forged(header, timeless)],
    ["no jti", forged(header, nameless)],
    ["no tv", forged(header, versionless)],
    ["a tv in words", forged(header, { ...payload, tv: "7" })],
    ["a role nobody has", forged(header, { ...payload, role: "root" })],
    ["a subject that is a list", forged(header, { ...payload, sub: ["admin"] })],
    ["four parts", `${forged(header, payload)}.x`],
    ["two parts", forged(header, payload).split(".").slice(0, 2).join(".")],
    ["no JSON", "a.b.c"],
    ["nothing", ""],
    ["dots", ".."],
    ["more than 4 kB", forged(header, { ...payload, x: "x".repeat(4_000) })],
  ])("%s", async (_what, token) => {
    expect(await tokens.verify(token)).toBeNull();
  });

  it("whatever single character was edited", async () => {
    const token = forged(header, payload);
    for (let at = 0; at < token.length; at += 3) {
      const edited = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect([at, await tokens.verify(edited)]).toEqual([at, null]);
    }
  });

  it("one with the same beginning as one that is known", async () => {
    const token = await new SignJWT({ role: "admin", tv: 7 }).setProtectedHeader(header).sign(Buffer.from(SECRET));
    const good = forged(header, payload);
    await tokens.verify(good);
    expect(await tokens.verify(`${good.slice(0, -4)}AAAA`)).toBeNull();
    expect(await tokens.verify(token)).toBeNull();
  });
});
