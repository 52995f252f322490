import type { OpenTerminalInput, RunningTerminal } from "@sluice/core";
import { fakeClock } from "@sluice/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { telnetTerminals } from "../../src/terminal/telnet.js";
import { loopbackDialer, type Opened, open } from "./remote-driver.js";
import { typedOn } from "./run.js";
import { type ScriptedServer, scriptedServer } from "./scripted-server.js";
import { noTelnetServer, startTelnetServer, type TelnetServer } from "./telnet-server.js";
import { type TestUser, testUser } from "./test-user.js";

const [IAC, DO, WILL, SB, NOP] = [255, 253, 251, 250, 241];

let opened: RunningTerminal[] = [];
afterEach(async () => {
  await Promise.all(opened.map((terminal) => terminal.close()));
  opened = [];
});

type TelnetInput = Extract<OpenTerminalInput, { type: "telnet" }>;

async function connect(port: number, request: Partial<TelnetInput> = {}, context = {}): Promise<Opened> {
  const driver = telnetTerminals({ dialer: loopbackDialer([port]) });
  const result = await open(driver, { type: "telnet", host: "127.0.0.1", ...request, port }, context);
  opened.push(result.terminal);
  return result;
}

describe.skipIf(noTelnetServer !== null)(
  `Telnet to a real telnetd${noTelnetServer ? ` (${noTelnetServer})` : ""}`,
  () => {
    let server: TelnetServer;
    let user: TestUser;

    beforeAll(async () => {
      user = testUser();
      server = await startTelnetServer();
    });
    afterAll(async () => {
      await server.stop();
      user.remove();
    });

    it("logs in by typing alone", async () => {
      const { terminal, ends } = await connect(server.port);
      const typed = await typedOn(terminal);
      await typed.until("login: ");
      await typed.type(`${user.name}\r`);
      await typed.until("Password: ");
      await typed.type(`${user.password}\r`);
      await typed.until(/\$ $/);
      await typed.type("id -un; echo $TERM\r");
      await typed.until(`${user.name}\r\nxterm-256color\r\n`);
      await typed.type("exit\r");
      expect(await typed.exit()).toEqual({ code: null, signal: null, reason: "exited" });
      expect(ends).toHaveLength(1);
      expect(typed.text).not.toContain(user.password);
    });

    it("logs in by itself when it has a name and a password, and shows what was written meanwhile", async () => {
      const { terminal } = await connect(server.port, { username: user.name, password: user.password });
      const typed = await typedOn(terminal);
      await typed.until(/\$ $/);
      expect(typed.text).toContain("login: ");
      expect(typed.text).not.toContain(user.password);
    });

    it("leaves it to the reader whether the password was right", async () => {
      const { terminal } = await connect(server.port, { username: user.name, password: "wrong" });
      const typed = await typedOn(terminal);
      await typed.until("Login incorrect");
    });

    it("sends both ways every character of a size of its own, 255 included", async () => {
      const { terminal } = await connect(server.port, {
        username: user.name,
        password: user.password,
        cols: 255,
        rows: 255,
      });
      const typed = await typedOn(terminal, { cols: 255, rows: 255 });
      await typed.until(/\$ $/);
      await typed.type("stty size\r");
      await typed.until("255 255");
      await typed.type("printf '\\377\\376-%s\\n' end; read -r x; printf '%s' \"$x\" | od -An -tx1\r");
      await typed.until("-end");
      expect(typed.bytes.includes(Buffer.from([0xff, 0xfe, 0x2d]))).toBe(true);
      await typed.stream.write(Buffer.from([0xff, 0xfe, 0x0d]));
      await typed.until("ff fe");
    });

    it("interrupts by a command of the protocol too, and refuses what the protocol has none for", async () => {
      const { terminal } = await connect(server.port, { username: user.name, password: user.password });
      const typed = await typedOn(terminal);
      await typed.until(/\$ $/);
      await typed.type("sh -c \"echo be''gun; exec sleep 60\"\r"); // who says it is in the foreground by then
      await typed.until("begun");
      typed.stream.signal("INT");
      await typed.until("^C");
      await typed.type("echo alive-$((1 + 1))\r");
      await typed.until("alive-2");
      expect(() => typed.stream.signal("KILL")).toThrow("signal");
    });

    it("leaves nothing running when it is closed", async () => {
      const { terminal } = await connect(server.port, { username: user.name, password: user.password });
      const typed = await typedOn(terminal);
      await typed.until(/\$ $/);
      await terminal.close();
      expect(typed.exits).toEqual([{ code: null, signal: null, reason: "closed" }]);
      await vi.waitFor(() => expect(user.processes()).toEqual([]), { timeout: 5_000 });
    });
  },
);

describe("Telnet to a host that", () => {
  let host: ScriptedServer;
  afterEach(() => host.stop());

  it("speaks no Telnet gets no answer to its text", async () => {
    host = await scriptedServer((socket) => socket.write("220 hello\r\n"));
    const { terminal } = await connect(host.port);
    const typed = await typedOn(terminal);
    await typed.until("220 hello");
    await typed.type("QUIT\r\n");
    await vi.waitFor(() => expect(host.received.toString()).toBe("QUIT\r\n"));
  });

  it("negotiates without end is hung up on after a bounded answer", async () => {
    const flood = Buffer.concat(
      Array.from({ length: 5_000 }, (_, index) => Buffer.from([IAC, DO, 40 + (index % 200)])),
    );
    host = await scriptedServer((socket) => socket.write(flood));
    const { ends } = await connect(host.port);
    await vi.waitFor(() => expect(ends).toEqual([{ code: null, signal: null, reason: "connection_lost" }]));
    expect(host.received.length).toBeLessThanOrEqual(3 * 1_000);
  });

  it("repeats itself ten thousand times gets one answer and stays connected", async () => {
    const repeated = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([IAC, WILL, 1])));
    host = await scriptedServer((socket) => socket.write(Buffer.concat([repeated, Buffer.from("ready")])));
    const { terminal } = await connect(host.port);
    const typed = await typedOn(terminal);
    await typed.until("ready");
    await typed.type("!");
    await vi.waitFor(() => expect([...host.received]).toEqual([IAC, DO, 3, IAC, DO, 1, 0x21]));
  });

  it("never ends a subnegotiation costs no memory", async () => {
    const piece = Buffer.alloc(1024 * 1024, NOP);
    host = await scriptedServer((socket) => {
      socket.write(Buffer.from([IAC, SB, 24]));
      for (let round = 0; round < 16; round++) socket.write(piece);
      socket.write(Buffer.from([IAC, 240]));
      socket.write("after");
    });
    const { terminal } = await connect(host.port);
    const typed = await typedOn(terminal);
    await typed.until("after");
    expect(typed.text).toBe("after");
  });

  it("floods before anybody reads has to wait, and loses nothing", async () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index}\r\n`).join("");
    host = await scriptedServer((socket) => socket.end(lines));
    const { terminal } = await connect(host.port);
    const typed = await typedOn(terminal);
    await typed.exit();
    expect(typed.text).toBe(lines);
  });

  it("writes in another encoding is understood both ways", async () => {
    host = await scriptedServer((socket) => socket.write(Buffer.from("gr\xfc\xdfe\r\n", "latin1")));
    const { terminal } = await connect(host.port, { encoding: "latin1" });
    const typed = await typedOn(terminal);
    await typed.until("grüße");
    const answer = Buffer.from("ä€");
    for (const byte of answer) await typed.stream.write(Buffer.from([byte]));
    await vi.waitFor(() => expect(host.received.toString("latin1")).toBe("ä?"));
  });

  it("asks in its own words is logged in to by them", async () => {
    host = await scriptedServer((socket) => {
      socket.write("Wer da? ");
      socket.once("data", () => {
        socket.write("Losung? ");
        socket.once("data", () => socket.write("\r\nwillkommen\r\n"));
      });
    });
    const login = { userPrompt: "wer da?", passwordPrompt: "Losung?" };
    const { terminal } = await connect(host.port, { username: "ich", password: "geheim", login });
    await (await typedOn(terminal)).until("willkommen");
    expect(host.received.toString()).toBe("ich\r\0geheim\r\0");
  });

  it("asks for nothing is given up on after ten seconds: 504", async () => {
    host = await scriptedServer((socket) => socket.write("ready\r\n> "));
    const clock = fakeClock();
    const connecting = connect(host.port, { username: "me", password: "secret" }, { clock });
    const failed = expect(connecting).rejects.toMatchObject({ code: "remote_timeout", status: 504 });
    await vi.waitFor(() => expect(clock.nextInMs).toBe(10_000));
    clock.advance(10_000);
    await failed;
    await vi.waitFor(() => expect(host.connections).toBe(0));
    expect(host.received.toString()).toBe("");
  });

  it("hangs up while it is logged in to has failed: 502", async () => {
    host = await scriptedServer((socket) => socket.end("go away\r\n"));
    const connecting = connect(host.port, { username: "me", password: "secret" });
    await expect(connecting).rejects.toMatchObject({ code: "remote_failed", status: 502 });
  });

  it("hangs up before anybody reads has ended, and what it said can still be read", async () => {
    host = await scriptedServer((socket) => socket.end("bye\r\n"));
    const { terminal, ends } = await connect(host.port);
    await vi.waitFor(() => expect(ends).toEqual([{ code: null, signal: null, reason: "exited" }]));
    const typed = await typedOn(terminal);
    expect(typed.text).toBe("bye\r\n");
    expect(typed.exits).toHaveLength(1);
  });
});
