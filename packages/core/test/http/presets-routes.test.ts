import { randomBytes } from "node:crypto";
import { memoryStore, type TerminalPresetView } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../src/schemas/terminal-preset.js";
import { callable } from "./call.js";

const PASSWORD = "a-password-nobody-knows";
const PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nkey-that-nobody-knows\n-----END OPENSSH PRIVATE KEY-----";
const JUMP_PASSWORD = "another-password-nobody-knows";
const SECRETS = [PASSWORD, PRIVATE_KEY, JUMP_PASSWORD];
const PRESET = {
  id: "build",
  type: "ssh",
  host: "build.internal",
  username: "ci",
  password: PASSWORD,
  privateKey: PRIVATE_KEY,
  jump: [{ host: "door.internal", username: "guest", password: JUMP_PASSWORD }, { host: "hall.internal" }],
} as const;

describe("/v1/terminal/presets", () => {
  it("prepares a connection, and never shows its secrets", async () => {
    const { call } = callable();
    const { status, body } = await call("POST /v1/terminal/presets", { json: PRESET });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: "build",
      type: "ssh",
      source: "created",
      problem: null,
      host: "build.internal",
      port: 22,
      username: "ci",
      secrets: ["password", "privateKey"],
      hostKey: null,
      hostKeyPolicy: null,
      jump: [
        { host: "door.internal", port: 22, username: "guest", hostKey: null, secrets: ["password"] },
        { host: "hall.internal", port: 22, username: null, hostKey: null, secrets: [] },
      ],
      login: null,
      encoding: null,
      changedAt: expect.any(String),
    });
    expect((await call("GET /v1/terminal/presets")).body).toEqual({ presets: [body] });
    expect((await call("GET /v1/terminal/presets/build")).body).toEqual(body);
    for (const line of ["GET /v1/terminal/presets", "GET /v1/audit", "GET /v1/config"]) {
      const shown = JSON.stringify((await call(line)).body);
      for (const secret of SECRETS) expect(shown).not.toContain(secret.slice(0, 20));
    }
  });

  it("keeps the secrets sealed, those of the hosts on the way too", async () => {
    const store = memoryStore();
    await callable({ store }).call("POST /v1/terminal/presets", { json: PRESET });
    const kept = JSON.stringify([...(await store.entries(PRESETS).load()).entries]);
    expect(kept).toContain("door.internal");
    for (const secret of [...SECRETS, "nobody-knows"]) expect(kept).not.toContain(secret);
  });

  it("changes, clears and removes", async () => {
    const { call } = callable();
    await call("POST /v1/terminal/presets", { json: PRESET });
    const path = "/v1/terminal/presets/build";
    const changed = await call(`PATCH ${path}`, { json: { password: null, username: "root", port: 2222 } });
    expect(changed.status).toBe(400); // another port is another place
    const said = await call(`PATCH ${path}`, { json: { password: null, username: "root", hostKeyPolicy: "strict" } });
    expect(said.body).toMatchObject({
      secrets: ["privateKey"],
      username: "root",
      hostKeyPolicy: "strict",
      jump: [{}, {}],
    });
    expect((await call(`DELETE ${path}`)).body).toEqual({ id: "build", deleted: true });
    for (const method of ["GET", "DELETE"]) expect((await call(`${method} ${path}`)).status).toBe(404);
    const { data } = (await call("GET /v1/audit")).body as { data: { action: string; details: object }[] };
    expect(data.map(({ action, details }) => [action, details])).toEqual([
      ["terminal.preset.delete", {}],
      ["terminal.preset.update", { fields: "username,password,hostKeyPolicy", host: "build.internal" }],
      [
        "terminal.preset.create",
        { fields: "id,type,host,port,username,password,privateKey,jump", host: "build.internal" },
      ],
    ]);
  });

  it.each([
    ["password", { host: "elsewhere.internal" }],
    ["password", { jump: null }],
    ["privateKey", { host: "elsewhere.internal", password: "new" }],
    ["jump", { host: "elsewhere.internal", password: null, privateKey: null }],
  ])("asks %s anew with %j, for secrets go nowhere they were not given for", async (field, json) => {
    const { call } = callable();
    await call("POST /v1/terminal/presets", { json: PRESET });
    const { status, body } = await call("PATCH /v1/terminal/presets/build", { json });
    expect([status, body]).toMatchObject([
      400,
      { details: expect.stringMatching(new RegExp(`^${field}: must be given anew`)) },
    ]);
    expect((await call("GET /v1/terminal/presets/build")).body).toMatchObject({ host: "build.internal" });
  });

  it.each([
    ["id", { id: "Not A Name" }],
    ["host", { host: "-oProxyCommand=x" }],
    ["port", { port: 70_000 }],
    ["username", { username: "a\nb" }],
    ["username", { username: undefined }],
    ["type", { type: "local" }],
    ["jump", { jump: [{}, {}, {}, {}].map(() => ({ host: "a" })) }],
    ["hostKey", { hostKey: "anything" }],
  ])("answers 400 to a wrong %s, %j", async (field, wrong) => {
    const { call } = callable();
    const { status, body } = await call("POST /v1/terminal/presets", { json: { ...PRESET, ...wrong } });
    expect([status, body]).toMatchObject([400, { details: expect.stringMatching(new RegExp(`^${field}`)) }]);
    expect((await call("GET /v1/terminal/presets")).body).toEqual({ presets: [] });
  });

  it("changes what the configuration has, and takes it away", async () => {
    const { call } = callable({
      terminal: { presets: { switch: { type: "telnet", host: "10.0.0.2", password: PASSWORD } } },
    });
    const shown = async () => (await call("GET /v1/terminal/presets/switch")).body as TerminalPresetView;
    expect(await shown()).toMatchObject({
      source: "configuration",
      secrets: ["password"],
      port: 23,
      encoding: "utf-8",
    });
    expect((await call("POST /v1/terminal/presets", { json: { ...PRESET, id: "switch" } })).status).toBe(409);
    expect((await call("PATCH /v1/terminal/presets/switch", { json: { privateKey: PRIVATE_KEY } })).status).toBe(400);
    await call("PATCH /v1/terminal/presets/switch", { json: { encoding: "latin1" } });
    expect(await shown()).toMatchObject({ source: "created", secrets: ["password"], encoding: "latin1" });
    await call("DELETE /v1/terminal/presets/switch");
    expect((await call("GET /v1/terminal/presets")).body).toEqual({ presets: [] });
    expect((await call("POST /v1/terminal/presets", { json: { ...PRESET, id: "switch" } })).status).toBe(201);
  });

  it("keeps no secret without a master key, and says of one that does not open why", async () => {
    const store = { ...memoryStore(), forgets: false };
    const without = callable({ store });
    expect((await without.call("POST /v1/terminal/presets", { json: PRESET })).status).toBe(501);
    const { password, privateKey, jump, ...bare } = PRESET;
    expect((await without.call("POST /v1/terminal/presets", { json: { ...bare, id: "bare" } })).status).toBe(201);
    const masterKey = randomBytes(32).toString("hex");
    await callable({ store, secrets: { masterKey } }).call("POST /v1/terminal/presets", { json: PRESET });
    const other = callable({ store, secrets: { masterKey: randomBytes(32).toString("hex") } });
    expect((await other.call("GET /v1/terminal/presets/build")).body).toMatchObject({
      host: "build.internal",
      secrets: [],
      problem: expect.stringContaining("is not here"),
    });
    const both = { masterKey: randomBytes(32).toString("hex"), retiredMasterKeys: [masterKey] };
    expect(await callable({ store, secrets: both }).gateway.reseal()).toBe(1);
    expect(
      await callable({ store, secrets: { masterKey: both.masterKey } }).gateway.terminals.presets.get("build"),
    ).toMatchObject({
      problem: null,
      secrets: ["password", "privateKey"],
    });
  });
});
