import { randomBytes } from "node:crypto";
import { type ConfigOptions, type Gateway, type GatewayOptions, memoryStore } from "@sluice/core";
import { fakeProvider, openai } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { callable } from "./http/call.js";
import { plainPasswords } from "./http/plain-passwords.js";

const ADMIN = { username: "admin", password: "correct horse battery" };
const [FIRST, SECOND, THIRD] = [1, 2, 3].map(() => randomBytes(32).toString("hex"));

const open: Gateway[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

function made(options: GatewayOptions) {
  const both = callable({ passwordHasher: plainPasswords, ...options });
  open.push(both.gateway);
  return both;
}

describe("secrets that tokens are signed with", () => {
  const auth = { jwtSecret: FIRST, adminPassword: ADMIN.password };

  function started(options: GatewayOptions = { auth }) {
    const { gateway, call } = made(options);
    const reload = (changes: ConfigOptions["auth"]) =>
      gateway.config.reload({ ...options, auth: { ...options.auth, ...changes } } as ConfigOptions);
    return {
      gateway,
      reload,
      login: async () => (await gateway.auth.login(ADMIN)).token,
      status: async (token: string) =>
        (await call("GET /v1/auth/me", { headers: { authorization: `Bearer ${token}` } })).status,
    };
  }

  it("are changed while logins go on: those of the retired one are good until its time is over", async () => {
    const { reload, login, status } = started();
    const before = await login();
    const notAfter = new Date(Date.now() + 3_600_000).toISOString();
    const report = await reload({ jwtSecret: SECOND, retiredJwtSecrets: [{ secret: FIRST as string, notAfter }] });
    expect(report.restartRequired).toEqual([]);
    expect(report.changed).toContain("auth.jwtSecret");
    const after = await login();
    expect(headerOf(after).kid).not.toBe(headerOf(before).kid);
    expect([await status(before), await status(after)]).toEqual([200, 200]);
    await reload({ jwtSecret: SECOND });
    expect([await status(before), await status(after)]).toEqual([401, 200]);
  });

  it("give tokens another life from then on", async () => {
    const { reload, login, status } = started();
    const before = await login();
    await reload({ tokenTtlSeconds: 60 });
    const { iat, exp } = payloadOf(await login());
    expect(exp - iat).toBe(60);
    expect(await status(before)).toBe(200);
  });

  it("that nobody gave stay what they are", async () => {
    const { gateway, login, status } = started({ auth: { adminPassword: ADMIN.password } });
    const token = await login();
    await gateway.config.reload({ auth: { adminPassword: ADMIN.password }, limits: { perIp: { limit: 9 } } });
    expect(await status(token)).toBe(200);
  });

  it("are refused where they are too short, and those before stay", async () => {
    const { reload, login, status } = started({ mode: "production", auth });
    const token = await login();
    await expect(reload({ jwtSecret: "short" })).rejects.toMatchObject({
      code: "invalid_configuration",
      param: "auth.jwtSecret",
    });
    expect(await status(token)).toBe(200);
  });
});

describe("the master key", () => {
  const VENDOR = { id: "vendor", type: "openai-compatible", baseUrl: "https://vendor.example/v1", apiKey: "sk-vendor" };
  const secrets = (masterKey: string | undefined, ...retiredMasterKeys: (string | undefined)[]) =>
    ({ secrets: { masterKey, retiredMasterKeys } }) as ConfigOptions;

  it("is changed while secrets are kept: the retired one opens what it has sealed, until that is sealed anew", async () => {
    const store = memoryStore();
    const { gateway } = made({ store, ...secrets(FIRST) });
    await gateway.providers.create(VENDOR);
    const report = await gateway.config.reload(secrets(SECOND, FIRST));
    expect(report.restartRequired).toEqual([]);
    expect(await gateway.reseal()).toBe(1);
    await gateway.config.reload(secrets(SECOND));
    expect(await gateway.reseal()).toBe(0);
    const other = made({ store, ...secrets(SECOND) }).gateway;
    expect(await other.providers.get("vendor")).toMatchObject({ on: true, problem: null });
  });

  it("is not given up in production before what it has sealed is sealed anew", async () => {
    const auth = { jwtSecret: FIRST, adminPassword: ADMIN.password };
    const production = { mode: "production" as const, auth };
    const { gateway } = made({ ...production, ...secrets(FIRST) });
    await gateway.providers.create(VENDOR);
    const giving = gateway.config.reload({ ...production, ...secrets(SECOND) });
    await expect(giving).rejects.toMatchObject({ code: "not_configured" });
    expect(gateway.config.view().error).toContain("master key");
    await gateway.providers.update("vendor", { apiKey: "sk-other" }); // sealed with the first
    await gateway.config.reload({ ...production, ...secrets(THIRD, FIRST) });
    expect(await gateway.reseal()).toBe(1);
  });

  it("that another instance seals with already keeps no other change from coming into force", async () => {
    const store = memoryStore();
    const production = {
      mode: "production" as const,
      auth: { jwtSecret: FIRST as string, adminPassword: ADMIN.password },
    };
    const [one, other] = [secrets(FIRST), secrets(SECOND, FIRST)].map((keys) =>
      made({ store, ...production, ...keys }),
    );
    await one?.gateway.ready();
    await other?.gateway.providers.create(VENDOR);
    const report = await one?.gateway.config.reload({ ...production, ...secrets(FIRST), logLevel: "warn" });
    expect(report).toMatchObject({ changed: ["logLevel"] });
  });

  it("is refused where it is none", async () => {
    const { gateway } = made(secrets(FIRST));
    await expect(gateway.config.reload(secrets("none"))).rejects.toMatchObject({
      code: "invalid_configuration",
      param: "secrets.masterKey",
    });
    await gateway.providers.create(VENDOR);
  });
});

describe("what watches over money", () => {
  const ASK = { model: "paid", messages: [{ role: "user" as const, content: "Hello!" }], max_tokens: 100 };
  const usage = { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 };

  function started() {
    const options = {
      providers: { vendor: fakeProvider({ name: "vendor", chat: () => openai.completion({ usage }) }) },
      models: [
        {
          id: "paid",
          provider: "vendor",
          apiModelName: "m",
          layer: "L1" as const,
          price: { inputPerMTok: 0, outputPerMTok: 1_000 },
        },
      ],
    };
    const { gateway, call } = made({ ...options, cost: { costAlertThreshold: 0 } });
    const alerts: string[] = [];
    gateway.on("cost-alert", ({ kind }) => alerts.push(kind));
    const reload = (cost: ConfigOptions["cost"]) => gateway.config.reload({ ...options, cost });
    return { gateway, call, alerts, reload };
  }

  it("takes another threshold, and counts what was spent before", async () => {
    const { gateway, alerts, reload } = started();
    await gateway.chat(ASK); // 5 cents
    const report = await reload({ costAlertThreshold: 0.1 });
    expect(report).toMatchObject({ changed: ["cost.costAlertThreshold"], restartRequired: [] });
    await expect
      .poll(async () => {
        await gateway.chat(ASK);
        return alerts;
      })
      .toEqual(["threshold"]);
  });

  it("takes other budgets, and holds what was spent before against them", async () => {
    const { gateway, call, reload } = started();
    await gateway.chat(ASK); // 5 cents
    const budget = { id: "all", scope: "global" as const, window: "day" as const, limitUsd: 0.12 };
    await reload({ costAlertThreshold: 0, budgets: [budget] });
    const known = async () => (await call("GET /v1/budgets")).body;
    await expect.poll(known).toMatchObject({ data: [{ id: "all", usedUsd: 0.05 }] });
    await expect(gateway.chat(ASK)).rejects.toMatchObject({ code: "insufficient_quota" }); // it may cost 10 cents
    await reload({ costAlertThreshold: 0 });
    await gateway.chat(ASK);
  });
});

describe("terminals", () => {
  it("that are switched off end, and are opened again when they are switched on", async () => {
    const { gateway } = made({});
    const session = await gateway.terminals.open({ type: "local" });
    const report = await gateway.config.reload({ terminal: { mode: "off" } });
    expect(report).toMatchObject({ changed: ["terminal.mode"], restartRequired: [] });
    await expect(gateway.terminals.open({ type: "local" })).rejects.toMatchObject({ code: "forbidden" });
    await expect.poll(() => session.view().connected, { timeout: 20_000 }).toBe(false);
    await gateway.config.reload({ terminal: { maxSessions: 1 } });
    await gateway.terminals.open({ type: "local" });
    await expect(gateway.terminals.open({ type: "local" })).rejects.toMatchObject({ code: "rate_limit_exceeded" });
  });

  it("name what takes a restart", async () => {
    const { gateway } = made({});
    const report = await gateway.config.reload({
      terminal: { shells: ["/bin/sh"] },
      cost: { enableCostTracking: false },
    });
    expect(report).toMatchObject({ changed: [], restartRequired: ["cost.enableCostTracking", "terminal.shells"] });
  });
});

function headerOf(token: string): { readonly kid: string } {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
}

function payloadOf(token: string): { readonly iat: number; readonly exp: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
