import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@sluice/core";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainPasswords } from "./http/plain-passwords.js";

const SECRET = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";
/** What is promised, and as much again for a machine that is busy. */
const WITHIN = { timeout: 10_000 };

let directory: string;
let one: Gateway;
let other: Gateway;

function instance(): Gateway {
  return new Gateway({
    mode: "production",
    store: sqliteStore({ file: join(directory, "sluice.db") }),
    passwordHasher: plainPasswords,
    auth: { jwtSecret: SECRET, adminPassword: "correct horse battery" },
  });
}

async function statusAt(gateway: Gateway, credential: string): Promise<number> {
  const headers = { authorization: `Bearer ${credential}` };
  return (await gateway.fetch(new Request("http://gateway.example/v1/models", { headers }))).status;
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "sluice-revocation-"));
  [one, other] = [instance(), instance()];
  await Promise.all([one.ready(), other.ready()]);
});

afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
  rmSync(directory, { recursive: true });
});

describe("what one instance revokes", () => {
  it("is a key, and the others refuse it too", async () => {
    const { key, secret } = await one.keys.create();
    await expect.poll(() => statusAt(other, secret), WITHIN).toBe(200);
    await one.keys.delete(key.id);
    expect(await statusAt(one, secret)).toBe(401);
    await expect.poll(() => statusAt(other, secret), WITHIN).toBe(401);
  });

  it("is a token that logs out, and the others refuse it too", async () => {
    const { token } = await one.auth.login({ username: "admin", password: "correct horse battery" });
    await expect.poll(() => statusAt(other, token), WITHIN).toBe(200);
    await other.auth.logout(token);
    expect(await statusAt(other, token)).toBe(401);
    await expect.poll(() => statusAt(one, token), WITHIN).toBe(401);
  });

  it("is every token of a user whose password changes", async () => {
    const { token } = await one.auth.login({ username: "admin", password: "correct horse battery" });
    await expect.poll(() => statusAt(other, token), WITHIN).toBe(200);
    await one.users.update("admin", { password: "another horse battery" });
    await expect.poll(() => statusAt(other, token), WITHIN).toBe(401);
    await expect.poll(() => statusAt(one, token), WITHIN).toBe(401);
  });
});

describe("instances that start at once", () => {
  it("make one first admin", async () => {
    const many = Array.from({ length: 5 }, instance);
    await Promise.all(many.map((each) => each.ready()));
    const answers = await Promise.all(
      many.map((each) => each.auth.login({ username: "admin", password: "correct horse battery" })),
    );
    for (const { token } of answers) expect(await statusAt(one, token)).toBe(200);
    expect(await one.users.list()).toHaveLength(1);
    await Promise.all(many.map((each) => each.close()));
  });
});

describe("a configured password", () => {
  it("takes the place of the first one, and never of one that somebody has set", async () => {
    const login = (gateway: Gateway, password: string) => gateway.auth.login({ username: "admin", password });
    await login(one, "correct horse battery");
    const changed = (adminPassword: string) =>
      new Gateway({
        mode: "production",
        store: sqliteStore({ file: join(directory, "sluice.db") }),
        passwordHasher: plainPasswords,
        auth: { jwtSecret: SECRET, adminPassword },
      });
    const second = changed("second horse battery");
    await expect(login(second, "correct horse battery")).rejects.toMatchObject({ code: "unauthorized" });
    expect((await login(second, "second horse battery")).user.id).toBe("admin");
    await second.users.update("admin", { password: "mine alone, thank you" });
    await second.close();
    const third = changed("third horse battery");
    await expect(login(third, "third horse battery")).rejects.toMatchObject({ code: "unauthorized" });
    expect((await login(third, "mine alone, thank you")).user.id).toBe("admin");
    await third.close();
  });
});
