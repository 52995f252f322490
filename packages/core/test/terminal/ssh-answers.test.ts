import { inspect } from "node:util";
import type { GatewayError, OpenTerminalInput } from "@sluice/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { callable } from "../http/call.js";
import { type AskingServer, askingServer, type Question } from "./asking-server.js";
import { findProgram } from "./commands.js";
import { pamService } from "./pam-service.js";
import { type Opened, open, sshDriver } from "./remote-driver.js";
import { execute } from "./run.js";
import { noSshServer, startSshServer } from "./ssh-server.js";
import { testUser } from "./test-user.js";

type SshInput = Extract<OpenTerminalInput, { type: "ssh" }>;

const PASSWORD: Question = { prompt: "Password: ", answer: "the password" };
const CODE: Question = { prompt: "Verification code: ", answer: "123456" };
const TOKEN: Question = { prompt: "Which token? ", answer: "phone", echo: true };

async function connect({ port }: AskingServer, request: Partial<SshInput>): Promise<Opened> {
  const driver = await sshDriver({ ports: [port] });
  const opened = await open(driver, { type: "ssh", host: "127.0.0.1", port, username: "me", ...request });
  onTestFinished(() => opened.terminal.close());
  return opened;
}

async function refusal(connecting: Promise<unknown>): Promise<GatewayError> {
  return connecting.then(
    () => expect.unreachable("it connected"),
    (error: GatewayError) => error,
  );
}

const password = PASSWORD.answer;

describe("an SSH host that asks", () => {
  it.each<[string, (readonly Question[])[], Partial<SshInput>]>([
    ["for two things at once", [[PASSWORD, CODE]], { password, answers: ["123456"] }],
    ["for one after the other", [[PASSWORD], [CODE]], { password, answers: ["123456"] }],
    ["for the code first", [[CODE], [PASSWORD]], { password, answers: ["123456"] }],
    ["for a code alone", [[CODE]], { answers: ["123456"] }],
    ["for a code alone, which stands as the password", [[CODE]], { password: "123456" }],
    ["for three things", [[TOKEN], [PASSWORD, CODE]], { password, answers: ["phone", "123456"] }],
    [
      "in another order than is answered",
      [[TOKEN, CODE], [PASSWORD]],
      { password, answers: [{ prompt: "verification", answer: "123456" }, "phone"] },
    ],
    [
      "in words that say nothing of a password",
      [[{ prompt: "Kennwort: ", answer: password }, CODE]],
      { answers: [{ prompt: "kennwort", answer: password }, "123456"] },
    ],
    ["for nothing at last", [[PASSWORD], []], { password }],
    [
      "for two passwords",
      [[PASSWORD], [{ prompt: "LDAP Password: ", answer: "other" }]],
      { password, answers: ["other"] },
    ],
  ])("%s is answered", async (_what, rounds, request) => {
    const { terminal } = await connect(await askingServer(rounds), request);
    expect(await execute(terminal, "true")).toMatchObject({ stdout: "would run true\n", exitCode: 0 });
  });

  it("and takes passwords as such too is asked to ask, where there is more than a password to say", async () => {
    const server = await askingServer([[PASSWORD, CODE]], ["password"]);
    await connect(server, { password, answers: ["123456"] });
    expect(server.heard).toEqual([password, "123456"]);
  });

  it("for what nobody can answer is told nothing, and the error says what it asked", async () => {
    const server = await askingServer([[PASSWORD, CODE, TOKEN]]);
    const error = await refusal(connect(server, { password }));
    expect(error).toMatchObject({ code: "remote_auth_failed", status: 502, upstreamCode: "SSH_AUTH_FAILED" });
    expect(error.details).toContain("it asked: Verification code: Which token? (see answers)");
    expect(server.heard).toEqual([]);
  });

  it("is not told the password where it would show", async () => {
    const server = await askingServer([[{ ...PASSWORD, echo: true }]]);
    expect((await refusal(connect(server, { password }))).details).toContain("it asked: Password:");
    expect(server.heard).toEqual([]);
  });

  it("and refuses an answer gets no other, and the error holds none", async () => {
    const server = await askingServer([[PASSWORD], [CODE]], ["password"]);
    const error = await refusal(connect(server, { password, answers: ["654321", "111111"] }));
    expect(error).toMatchObject({ code: "remote_auth_failed", details: expect.not.stringContaining("asked") });
    expect(server.heard).toEqual([password, "654321"]);
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY })).not.toMatch(/654321|the password/);
  });

  it("keeps nothing of the answers once it has let somebody in", async () => {
    const { terminal } = await connect(await askingServer([[PASSWORD, CODE]]), {
      password,
      answers: ["123456", "777"],
    });
    const seen = inspect(terminal, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(seen).not.toMatch(/123456|the password|777/);
  });
});

const noPam = noSshServer ?? (findProgram("gcc") === null ? "needs gcc, for a module that asks" : null);

describe.skipIf(noPam !== null)(`an OpenSSH server whose PAM asks twice${noPam ? ` (${noPam})` : ""}`, () => {
  it("is answered: the password, and a code of this login alone", async () => {
    const user = testUser();
    const pam = pamService(user.password, "123456");
    const server = await startSshServer({ pam: pam.file, config: ["PasswordAuthentication no"] });
    onTestFinished(async () => {
      await server.stop();
      pam.remove();
      user.remove();
    });
    const request = { username: user.name, password: user.password };
    const { details } = await refusal(connect({ port: server.port, heard: [] }, request));
    expect(details).toContain("it asked: One-time code:");
    expect((await refusal(connect({ port: server.port, heard: [] }, { ...request, answers: ["654321"] }))).code).toBe(
      "remote_auth_failed",
    );
    const { terminal } = await connect({ port: server.port, heard: [] }, { ...request, answers: ["123456"] });
    expect(await execute(terminal, "id -un")).toMatchObject({ stdout: `${user.name}\n` });
  }, 60_000);
});

describe("answers over HTTP", () => {
  it("open a prepared connection, which holds none itself", async () => {
    const { port } = await askingServer([[PASSWORD, CODE]]);
    const preset = { type: "ssh", host: "127.0.0.1", port, username: "me", password } as const;
    const { gateway, call } = callable({
      terminal: { mode: "authenticated", allowHosts: ["127.0.0.1"], ports: [port], presets: { box: preset } },
      identify: () => ({ id: "ada", role: "admin" }),
    });
    onTestFinished(() => gateway.close());
    const open = (json: object) =>
      call("POST /v1/terminal/sessions", { json: { type: "ssh", preset: "box", ...json } });
    const refused = await open({});
    expect([refused.status, refused.body]).toEqual([
      502,
      { error: expect.any(String), details: expect.stringContaining("Verification code:") },
    ]);
    expect((await open({ answers: ["000000"] })).status).toBe(502);
    expect((await open({ answers: ["123456"] })).status).toBe(201);
    for (const [answers, field] of [
      ["123456", "answers"],
      [[1], "answers[0]"],
      [[{ prompt: "", answer: "x" }], "answers[0]"],
      [[{ prompt: "code" }], "answers[0]"],
      [Array.from({ length: 17 }, () => "x"), "answers"],
    ] as const) {
      const { status, body } = await open({ answers });
      expect([status, body]).toEqual([400, { error: "Invalid request", details: expect.stringContaining(field) }]);
    }
    const json = {
      id: "other",
      ...preset,
      answers: ["123456"],
      jump: [{ ...preset, type: undefined, answers: ["x"] }],
    };
    const { status, body } = await call("POST /v1/terminal/presets", { json });
    expect([status, JSON.stringify(body)]).toEqual([201, expect.not.stringMatching(/answers|123456/)]);
  });

  it("stand in no prepared connection of the configuration", () => {
    const preset = { type: "ssh", host: "box", username: "me", password, answers: ["1"] } as const;
    expect(() => callable({ terminal: { presets: { box: preset } } })).toThrow("answers");
  });
});
