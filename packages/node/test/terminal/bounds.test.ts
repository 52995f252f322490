import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { type Place, terminals } from "./place.js";

const KIB = 1024;
const WITHIN = { timeout: 20_000 };

interface Output {
  readonly output: string[];
  readonly cursor: number;
  readonly dropped: number;
}

interface Executed {
  readonly result: { readonly stdout: string };
}

/** A terminal whose screen shows what comes, and how it is asked. */
async function screen() {
  const place = await terminals();
  const at = await place.open();
  const type = (data: string) => place.call("POST", `${at}/send`, { data });
  const seen = async (query = "?cursor=0") =>
    (await place.call("GET", `${at}/output${query}`)).body as unknown as Output;
  const text = async () => (await seen()).output.join("");
  await type("stty -echo; PS1=; echo ready-$((1 + 1))\n");
  await expect.poll(text, WITHIN).toContain("ready-2");
  return { ...place, at, type, seen, text };
}

describe("commands", () => {
  it("that were asked for at once run in the order they were asked for, each with its own result", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    await session.execute("i=0");
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => session.execute(`i=$((i + 1)); echo "$i asked as ${n + 1}"`)),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n + 1} asked as ${n + 1}\n`),
    );
  });

  it("that print without end are stopped in time, and kept as far as they may be", async () => {
    const { call, open } = await terminals();
    const before = process.memoryUsage().rss;
    const { body } = await call("POST", `${await open()}/execute`, { command: "yes", timeoutMs: 2_000 });
    expect(body).toMatchObject({ result: { exitCode: 124, timedOut: true, stderr: "" } });
    const { stdout } = (body as unknown as Executed).result;
    expect(stdout.length).toBeLessThan(1.1 * KIB * KIB);
    expect(stdout).toMatch(/^(?:y\n)+/);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("that set -e ends stop where they fail", async () => {
    const { call, open } = await terminals();
    const at = await open();
    expect((await call("POST", `${at}/execute`, { command: "set -e; echo 1; false; echo 2" })).body).toEqual({
      result: { stdout: "1\n", stderr: "", exitCode: 1 },
    });
    expect((await call("POST", `${at}/execute`, { command: "false; echo alive" })).body).toMatchObject({
      result: { stdout: "alive\n" },
    });
  });

  it("whose characters lie across the borders of what is read keep them whole", async () => {
    const { call, open } = await terminals();
    const at = await open();
    for (const before of [65_533, 65_534, 65_535, 131_071]) {
      const command = `head -c ${before} /dev/zero | tr '\\0' x; printf '😀€'`;
      const { body } = await call("POST", `${at}/execute`, { command });
      expect((body as unknown as Executed).result.stdout).toBe(`${"x".repeat(before)}😀€`);
    }
  });

  it("give all 256 bytes in base64", async () => {
    const { call, open } = await terminals();
    const stdin = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("base64");
    const { body } = await call("POST", `${await open()}/execute`, { command: "cat", stdin, encoding: "base64" });
    expect((body as unknown as Executed).result.stdout).toBe(stdin);
  });

  it("of exactly 1 MiB are taken", async () => {
    const { call, open } = await terminals();
    const command = `echo end #${"x".repeat(KIB * KIB - 10)}`;
    expect(command).toHaveLength(KIB * KIB);
    expect((await call("POST", `${await open()}/execute`, { command })).body).toMatchObject({
      result: { stdout: "end\n" },
    });
  });
});

describe("a screen", () => {
  it("that printed more than is kept says what is missing, and goes on with the oldest", async () => {
    const { type, seen, text } = await screen();
    await type("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo over-$((1 + 1))\n");
    await expect
      .poll(async () => (await seen("?cursor=2900000&waitMs=1000")).output.join(""), WITHIN)
      .toContain("over-2");
    const piece = await seen("?cursor=10");
    expect(piece.dropped).toBeGreaterThan(1_500_000);
    expect(piece.output.join("")).toMatch(/^x+$/);
    expect(piece.cursor).toBe(10 + piece.dropped + piece.output.join("").length);
    expect(await text()).not.toContain("ready-2");
  });

  it("takes a paste of 320 KB whole", async () => {
    const { type, text } = await screen();
    await type("cat | wc -c; echo over-$((1 + 1))\n");
    const line = `${"x".repeat(99)}\n`;
    for (let piece = 0; piece < 5; piece++) expect((await type(line.repeat(640))).status).toBe(200);
    await type("\x04");
    await expect.poll(text, WITHIN).toMatch(/\b320000\r\nover-2/);
  });

  it("refuses more at once than 64 KiB, and more than a program takes that does not read", async () => {
    const { call, at, type, text } = await screen();
    expect((await type("x".repeat(64 * KIB + 1))).status).toBe(413);
    await type("stty raw; sh -c \"echo no''body reads; exec sleep 60\"\n");
    await expect.poll(text, WITHIN).toContain("nobody reads");
    const many = Array.from({ length: 40 }, () => type("x".repeat(64 * KIB)));
    expect(
      (await Promise.any(many.map(async (sent) => ((await sent).status === 429 ? 429 : Promise.reject())))) ?? 0,
    ).toBe(429);
    expect((await call("POST", `${at}/execute`, { command: "echo alive" })).body).toMatchObject({
      result: { stdout: "alive\n" }, // the process goes on meanwhile
    });
    expect((await call("DELETE", at)).status).toBe(200); // whoever still waits has an answer now
    const statuses = (await Promise.all(many)).map(({ status }) => status);
    expect(statuses.filter((status) => ![200, 404, 409, 429].includes(status))).toEqual([]);
  });

  it("has job control: suspends, interrupts, goes on", async () => {
    const { call, at, type, text } = await screen();
    await type("sh -c 'echo begun-$((1 + 1)); exec sleep 60'\n");
    await expect.poll(text, WITHIN).toContain("begun-2");
    await type("\x1a");
    await expect.poll(text, WITHIN).toMatch(/Stopped/);
    await type("jobs; fg\n");
    await expect.poll(text, WITHIN).toMatch(/Stopped[^]*Stopped[^]*sleep 60/);
    expect((await call("POST", `${at}/signal`, { signal: "INT" })).status).toBe(200);
    await type("echo after-$?\n");
    await expect.poll(text, WITHIN).toContain("after-130");
    for (const signal of ["SEGV", "", 9, undefined]) {
      expect((await call("POST", `${at}/signal`, { signal })).status).toBe(400);
    }
  });
});

describe("a WebSocket", () => {
  async function refusedWith({ url }: Place, at: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`${url.replace("http", "ws")}${at}/attach`, ["sluice.terminal.v1"], { headers });
    onTestFinished(() => socket.terminate());
    socket.on("error", () => {});
    return new Promise((resolve) => {
      socket.once("open", () => resolve(101));
      socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    });
  }

  it("to somebody else's terminal finds nothing", async () => {
    const place = await terminals({
      terminal: { mode: "authenticated" },
      identify: (request) => ({ id: request.headers.get("x-user") ?? "", role: "operator" }),
    });
    const { body } = await place.call("POST", "/v1/terminal/sessions", { type: "local" }, { "x-user": "anna" });
    const at = `/v1/terminal/${(body as unknown as { session: { id: string } }).session.id}`;
    expect(await refusedWith(place, at, { "x-user": "ben" })).toBe(404);
    expect(await refusedWith(place, at, { "x-user": "anna" })).toBe(101);
  });

  it("that sends more than 64 KiB in one message is closed, and the terminal lives on", async () => {
    const place = await terminals();
    const at = await place.open();
    const socket = new WebSocket(`${place.url.replace("http", "ws")}${at}/attach`, ["sluice.terminal.v1"]);
    onTestFinished(() => socket.terminate());
    socket.on("error", () => {});
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ t: "hello" }));
    socket.send(Buffer.alloc(64 * KIB + 1), { binary: true });
    expect([1006, 1009]).toContain(await closed);
    expect((await place.call("POST", `${at}/execute`, { command: "echo alive" })).body).toMatchObject({
      result: { stdout: "alive\n" },
    });
  });
});
