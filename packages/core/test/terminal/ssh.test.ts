import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { type GatewayError, memoryStore, type OpenTerminalInput, type RunningTerminal } from "@sluice/core";
import { freePort } from "@sluice/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Opened, open, type RemoteOptions, sshDriver } from "./remote-driver.js";
import { execute, typedOn } from "./run.js";
import { type KeyPair, makeKey, noSshServer, type SshServer, startSshServer } from "./ssh-server.js";
import { type TestUser, testUser } from "./test-user.js";

describe.skipIf(noSshServer !== null)(`SSH to a real OpenSSH server${noSshServer ? ` (${noSshServer})` : ""}`, () => {
  const key = makeKey();
  const encrypted = makeKey("ed25519", "open sesame");
  const rsa = makeKey("rsa");
  let user: TestUser;
  let server: SshServer;
  let opened: RunningTerminal[] = [];
  let cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    user = testUser();
    server = await startSshServer({ authorized: [key, encrypted, rsa] });
  });
  afterEach(async () => {
    await Promise.all(opened.map((terminal) => terminal.close()));
    opened = [];
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    cleanUps = [];
  });
  afterAll(async () => {
    await server.stop();
    user.remove();
  });

  type SshInput = Extract<OpenTerminalInput, { type: "ssh" }>;

  /** Opens a terminal on the server, with the key unless the request says otherwise. */
  async function connect(request: Partial<SshInput> = {}, options: Partial<RemoteOptions> = {}): Promise<Opened> {
    const port = request.port ?? server.port;
    const driver = await sshDriver({ ports: [server.port, port], ...options });
    const login = "password" in request || "privateKey" in request ? {} : { privateKey: key.privateKey };
    const result = await open(driver, {
      type: "ssh",
      host: "127.0.0.1",
      username: user.name,
      ...login,
      ...request,
      port,
    });
    opened.push(result.terminal);
    return result;
  }

  async function refusal(connecting: Promise<unknown>): Promise<GatewayError> {
    return connecting.then(
      () => expect.unreachable("it connected"),
      (error: GatewayError) => error,
    );
  }

  async function another(options: Parameters<typeof startSshServer>[0]): Promise<SshServer> {
    const started = await startSshServer({ authorized: [key], ...options });
    cleanUps.push(() => started.stop());
    return started;
  }

  describe("logs in", () => {
    it.each<[string, () => Partial<SshInput>]>([
      ["with a password", () => ({ password: user.password })],
      ["with a key", () => ({ privateKey: key.privateKey })],
      ["with an RSA key", () => ({ privateKey: rsa.privateKey })],
      ["with an encrypted key", () => ({ privateKey: encrypted.privateKey, passphrase: "open sesame" })],
      [
        "with a password where the key is refused",
        () => ({ privateKey: makeKey().privateKey, password: user.password }),
      ],
    ])("%s", async (_how, login) => {
      const { terminal } = await connect(login());
      expect((await execute(terminal, "id -un")).stdout).toBe(`${user.name}\n`);
      expect(terminal.details).toEqual({
        host: `127.0.0.1:${server.port}`,
        username: user.name,
        fingerprint: server.hostKey.fingerprint,
      });
    });

    it("by keyboard-interactive, where passwords as such are not taken", async () => {
      const { port } = await another({ config: ["PasswordAuthentication no"] });
      const { terminal } = await connect({ port, password: user.password });
      expect((await execute(terminal, "echo in")).stdout).toBe("in\n");
    });

    it("with a key and a password, where both are asked for", async () => {
      const { port } = await another({ config: ["AuthenticationMethods publickey,password"] });
      const { terminal } = await connect({ port, privateKey: key.privateKey, password: user.password });
      expect((await execute(terminal, "echo in")).stdout).toBe("in\n");
    });
  });

  describe("says what is wrong", () => {
    it.each<[string, () => Partial<SshInput>]>([
      ["a wrong password", () => ({ password: "wrong password" })],
      ["an unknown user", () => ({ username: "nobody-here", password: "wrong password" })],
      ["a key that may not log in", () => ({ privateKey: makeKey().privateKey })],
    ])("with %s: 502", async (_what, login) => {
      const error = await refusal(connect(login()));
      expect(error).toMatchObject({ code: "remote_auth_failed", status: 502, upstreamCode: "SSH_AUTH_FAILED" });
      expect(inspect(error, { depth: Number.POSITIVE_INFINITY })).not.toContain("wrong password");
    });

    it.each<[string, () => Partial<SshInput>, string]>([
      ["text that is no key", () => ({ privateKey: "not a key" }), "privateKey"],
      ["a public key", () => ({ privateKey: key.publicKey }), "privateKey"],
      ["an encrypted key without passphrase", () => ({ privateKey: encrypted.privateKey }), "passphrase"],
      ["a wrong passphrase", () => ({ privateKey: encrypted.privateKey, passphrase: "wrong" }), "passphrase"],
      ["no user", () => ({ username: undefined }), "username"],
      ["no secret", () => ({ password: undefined }), "password"],
      ["no host", () => ({ host: undefined }), "host"],
      ["a policy that wants a key", () => ({ hostKeyPolicy: "pinned" }), "hostKey"],
    ])("with %s: 400", async (_what, change, param) => {
      expect(await refusal(connect(change()))).toMatchObject({ code: "invalid_request", param });
    });

    it("when nobody listens: 502", async () => {
      expect(await refusal(connect({ port: await freePort() }))).toMatchObject({ code: "remote_failed", status: 502 });
    });

    it("when the other side speaks something else: 502", async () => {
      const port = await listen((socket) => socket.end("220 mail.example ESMTP\r\n".repeat(200)));
      const error = await refusal(connect({ port }));
      expect(error).toMatchObject({ code: "remote_failed", upstreamCode: "SSH_PROTOCOL" });
      expect(error.message).not.toContain("ESMTP");
    });

    it("when the other side is silent: only when whoever asked has waited long enough", async () => {
      const port = await listen(() => {});
      const late = new Error("late");
      const waiting = new AbortController();
      const driver = await sshDriver({ ports: [port] });
      const request = { type: "ssh", host: "127.0.0.1", port, username: "me", password: "secret" } as const;
      const connecting = open(driver, request, { signal: waiting.signal });
      await vi.waitFor(() => expect(sockets).toHaveLength(1));
      waiting.abort(late);
      await expect(connecting).rejects.toBe(late);
      await vi.waitFor(() => expect(sockets.every(({ closed }) => closed)).toBe(true));
    });

    it("when the host is not open to terminals: 403", async () => {
      expect(await refusal(connect({ port: 22 }, { ports: [server.port] }))).toMatchObject({ code: "forbidden" });
    });
  });

  describe("host keys", () => {
    it("remembers the first one, and refuses another before anything secret is sent", async () => {
      const store = memoryStore();
      await connect({}, { store });
      const { port } = server;
      await server.stop();
      server = await startSshServer({ authorized: [key, encrypted, rsa], port, config: ["LogLevel DEBUG1"] });
      const error = await refusal(connect({ password: user.password }, { store }));
      expect(error).toMatchObject({ code: "host_key_changed", status: 409 });
      expect(error.details).toContain(server.hostKey.fingerprint);
      expect(server.log()).not.toMatch(/userauth-request|Failed password/);
    });

    it.each([
      ["fingerprint", () => server.hostKey.fingerprint],
      ["public key", () => server.hostKey.publicKey],
    ])("takes the one whose %s is named", async (_what, hostKey) => {
      await connect({ hostKey: hostKey(), hostKeyPolicy: "pinned" });
    });

    it("refuses any other than the one named: 409", async () => {
      const { fingerprint } = makeKey();
      const error = await refusal(connect({ hostKey: fingerprint }));
      expect(error).toMatchObject({ code: "host_key_changed", status: 409 });
      expect(error.details).toContain(fingerprint);
      expect(error.details).toContain(server.hostKey.fingerprint);
    });

    it("asks for a key of the type that is known, when the host has several", async () => {
      const both = makeKey("rsa");
      const { port } = await another({ hostKey: makeKey(), config: [`HostKey ${inFile(both)}`] });
      const named = `[127.0.0.1]:${port} ${both.publicKey}`;
      const { terminal } = await connect({ port, hostKeyPolicy: "known_hosts" }, { knownHosts: knownHosts(named) });
      expect(terminal.details.fingerprint).toBe(both.fingerprint);
    });

    it("knows plain and hashed lines of a known_hosts file, and revoked keys", async () => {
      const line = `[127.0.0.1]:${server.port} ${server.hostKey.publicKey}`;
      const file = knownHosts(line);
      await connect({ hostKeyPolicy: "known_hosts" }, { knownHosts: file });
      execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
      rmSync(`${file}.old`);
      expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
      await connect({ hostKeyPolicy: "strict" }, { knownHosts: file });
      const revoked = knownHosts(`@revoked * ${server.hostKey.publicKey}\n${line}`);
      expect(await refusal(connect({}, { knownHosts: revoked }))).toMatchObject({
        code: "host_key_refused",
        status: 409,
      });
    });

    it("refuses an unknown one under strict and known_hosts: 409", async () => {
      for (const hostKeyPolicy of ["strict", "known_hosts"] as const) {
        expect(await refusal(connect({ hostKeyPolicy }))).toMatchObject({ code: "host_key_refused", status: 409 });
      }
    });
  });

  describe("jump hosts", () => {
    it("are gone through, each with a login and a key of its own", async () => {
      const jump = await another({});
      const { terminal } = await connect(
        {
          jump: [{ host: "127.0.0.1", port: jump.port, username: user.name, privateKey: key.privateKey }],
        },
        { ports: [server.port, jump.port] },
      );
      expect((await execute(terminal, "echo $SSH_CONNECTION | cut -d' ' -f4")).stdout).toBe(`${server.port}\n`);
      expect(terminal.details).toMatchObject({
        jump: `127.0.0.1:${jump.port}`,
        fingerprint: server.hostKey.fingerprint,
      });
      await terminal.close();
      await vi.waitFor(() => expect(user.processes()).toEqual([]));
    });

    it("with another key are refused, and the target sees nothing", async () => {
      const jump = await another({});
      const hop = { host: "127.0.0.1", port: jump.port, username: user.name, privateKey: key.privateKey };
      const wrong = { ...hop, hostKey: makeKey().fingerprint };
      const ports = [server.port, jump.port];
      expect(await refusal(connect({ jump: [wrong] }, { ports }))).toMatchObject({ code: "host_key_changed" });
      const target = connect({ jump: [hop], hostKey: makeKey().fingerprint }, { ports });
      expect(await refusal(target)).toMatchObject({ code: "host_key_changed" });
      await vi.waitFor(() => expect(user.processes()).toEqual([]));
    });

    it("lead nowhere that is not open to terminals: 403", async () => {
      const jump = [{ host: "127.0.0.1", port: server.port, username: user.name, privateKey: key.privateKey }];
      expect(await refusal(connect({ jump, port: 22 }, { ports: [server.port] }))).toMatchObject({ code: "forbidden" });
    });

    it("name the field that is missing", async () => {
      const jump = [{ host: "127.0.0.1", port: server.port }];
      expect(await refusal(connect({ jump }))).toMatchObject({ code: "invalid_request", param: "jump[0].username" });
    });
  });

  describe("a link", () => {
    it("that has gone dead is noticed by its silence", async () => {
      const link = await proxy();
      const { terminal, ends } = await connect({ port: link.port, keepaliveMs: 1_000 });
      const running = execute(terminal, "echo begun; sleep 60", { onOutput: () => link.blackHole() });
      await expect(running).rejects.toMatchObject({ code: "remote_failed", upstreamCode: "CONNECTION_LOST" });
      await vi.waitFor(() => expect(ends).toEqual([{ code: null, signal: null, reason: "connection_lost" }]));
      await terminal.close();
    });

    it("that breaks off ends terminal, stream and commands", async () => {
      const link = await proxy();
      const { terminal, ends } = await connect({ port: link.port });
      const typed = await typedOn(terminal);
      await typed.until(/\$ $/);
      link.reset();
      expect(await typed.exit()).toEqual({ code: null, signal: null, reason: "connection_lost" });
      await vi.waitFor(() => expect(ends).toHaveLength(1));
      await expect(execute(terminal, "true")).rejects.toMatchObject({ code: "remote_failed" });
      await typed.type("more");
    });
  });

  it("takes much that is typed where nothing is echoed, for which the host answers something else", async () => {
    const { terminal } = await connect();
    const typed = await typedOn(terminal);
    await typed.until(/\$ $/);
    await typed.type("stty -echo; echo paste-$((1 + 1)); md5sum; stty echo; echo after-$((3 + 4))\n");
    await typed.until("paste-2");
    const text = `${"x".repeat(70)}\n`.repeat(5_000);
    await Promise.all([typed.type(text), typed.type("\x04")]);
    await typed.until("after-7");
    expect(typed.text).toContain(createHash("md5").update(text).digest("hex"));
    await terminal.close();
  });

  describe("a command", () => {
    it("that is stopped leaves nothing running there", async () => {
      const { terminal } = await connect();
      const stop = new AbortController();
      const running = execute(terminal, "echo begun; sleep 4321; touch never", {
        signal: stop.signal,
        onOutput: () => stop.abort(),
      });
      expect(await running).toMatchObject({ exitCode: 143, signal: "SIGTERM" });
      expect(user.processes().filter((line) => line.includes("4321"))).toEqual([]);
      expect((await execute(terminal, "ls")).stdout).toBe("");
    });

    it("that ignores being asked is killed", async () => {
      const { terminal } = await connect();
      const stop = new AbortController();
      const running = execute(terminal, "trap '' TERM; echo begun; while :; do sleep 0.1; done", {
        signal: stop.signal,
        onOutput: () => stop.abort(),
      });
      expect(await running).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
      await vi.waitFor(() => expect(user.processes().filter((line) => line.includes("while"))).toEqual([]));
    });

    it("that is stopped while it has input leaves nothing running either", async () => {
      const { terminal } = await connect();
      const stop = new AbortController();
      const running = execute(terminal, "cat; sleep 4322", {
        stdin: Buffer.from("some"),
        signal: stop.signal,
        onOutput: () => stop.abort(),
      });
      expect((await running).exitCode).toBe(143);
      expect(user.processes().filter((line) => line.includes("4322"))).toEqual([]);
    });

    it("that ends at once tells its status every time", async () => {
      const { terminal } = await connect();
      for (let round = 0; round < 40; round++) {
        // Few at once: the server counts a channel among its ten (MaxSessions) for a moment after it told the status.
        const all = await Promise.all(Array.from({ length: 3 }, () => execute(terminal, "exit 3")));
        expect(all.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
      }
    });

    it("runs beside others", async () => {
      const { terminal } = await connect();
      const outputs = await Promise.all(
        Array.from({ length: 8 }, async (_, index) => (await execute(terminal, `sleep 0.2; echo ${index}`)).stdout),
      );
      expect(outputs).toEqual(Array.from({ length: 8 }, (_, index) => `${index}\n`));
    });

    it("where a directory is missing does not run", async () => {
      const { terminal } = await connect();
      const { stdout, stderr, exitCode } = await execute(terminal, "echo ran", { cwd: "/no/such 'place'" });
      expect([stdout, exitCode]).toEqual(["", 1]);
      expect(stderr).toContain("/no/such 'place'");
    });
  });

  it("keeps no secret once it is connected", async () => {
    const { terminal } = await connect({
      password: user.password,
      privateKey: encrypted.privateKey,
      passphrase: "open sesame",
    });
    const seen =
      inspect(terminal, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(terminal.details);
    const secretLine = encrypted.privateKey.split("\n")[2] ?? "";
    for (const secret of [user.password, "open sesame", secretLine]) expect(seen).not.toContain(secret);
  });

  const sockets: Socket[] = [];

  async function listen(serve: (socket: Socket) => void): Promise<number> {
    sockets.length = 0;
    const listener: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.resume();
      serve(socket);
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    return (listener.address() as { port: number }).port; // a TCP server has a port
  }

  /** A wire to the server that can be cut in two ways: nothing comes through any more, or it breaks off. */
  async function proxy() {
    const pairs: Socket[] = [];
    const port = await listen((near) => {
      const far = dial(server.port, "127.0.0.1");
      far.on("error", () => {});
      near.pipe(far).pipe(near);
      pairs.push(near, far);
    });
    cleanUps.push(() => pairs.forEach((socket) => void socket.destroy()));
    return {
      port,
      blackHole: () => pairs.forEach((socket) => void socket.unpipe().pause()),
      reset: () => pairs.forEach((socket) => void socket.resetAndDestroy()),
    };
  }

  function inFile({ privateKey }: KeyPair): string {
    const file = join(tmpdir(), `ssh-test-${process.pid}-key`);
    writeFileSync(file, privateKey, { mode: 0o600 });
    cleanUps.push(() => rmSync(file));
    return file;
  }

  function knownHosts(text: string): string {
    const file = join(tmpdir(), `ssh-test-${process.pid}-${cleanUps.length}-known-hosts`);
    writeFileSync(file, `${text}\n`);
    cleanUps.push(() => rmSync(file, { force: true }));
    return file;
  }
});
