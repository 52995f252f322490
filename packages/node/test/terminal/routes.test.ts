import { describe, expect, it } from "vitest";
import { CALLS, terminals } from "./place.js";

const SESSIONS = "/v1/terminal/sessions";

describe("the documented routes", () => {
  it("open, list, execute, send, output, delete", async () => {
    const { call } = await terminals();
    const opened = await call("POST", SESSIONS, { type: "local" });
    expect(opened).toEqual({
      status: 201,
      body: {
        session: {
          id: expect.stringMatching(/^term-\d{13}-[0-9a-z]{20,}$/),
          type: "local",
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          connected: true,
        },
      },
    });
    const { session } = opened.body as unknown as { session: { id: string } };
    const at = `/v1/terminal/${session.id}`;
    expect(await call("GET", SESSIONS)).toEqual({ status: 200, body: { sessions: [session] } });
    expect(await call("POST", `${at}/execute`, { command: "echo hi" })).toEqual({
      status: 200,
      body: { result: { stdout: "hi\n", stderr: "", exitCode: 0 } },
    });
    expect(await call("POST", `${at}/send`, { data: "echo $((40 + 2))-sent\n" })).toEqual({
      status: 200,
      body: { success: true },
    });
    let output = "";
    while (!output.includes("42-sent")) {
      const { status, body } = await call("GET", `${at}/output`);
      expect([status, Object.keys(body)]).toEqual([200, ["output"]]);
      output += (body as unknown as { output: string[] }).output.join("");
    }
    expect(await call("DELETE", at)).toEqual({ status: 200, body: { success: true } });
    expect((await call("DELETE", at)).status).toBe(404);
    expect(await call("GET", SESSIONS)).toEqual({ status: 200, body: { sessions: [] } });
  });

  it.each(CALLS)("%s %s of an unknown terminal is not found", async (method, path, body) => {
    const { call } = await terminals();
    expect(await call(method, `/v1/terminal/term-1733385600000-abc123${path}`, body)).toMatchObject({
      status: 404,
      body: { error: "Not found" },
    });
  });

  it.each<[string, unknown, string]>([
    ["an unknown type", { type: "rlogin" }, "type"],
    ["no type", {}, "type"],
    ["port 0", { type: "ssh", host: "example.com", port: 0 }, "port"],
    ["port 70000", { type: "ssh", host: "example.com", port: 70_000 }, "port"],
    ["a port in quotes", { type: "ssh", host: "example.com", port: "22" }, "port"],
    ["a host that is an option", { type: "ssh", host: "-oProxyCommand=x" }, "host"],
    ["a user name of two lines", { type: "ssh", host: "example.com", username: "a\nb" }, "username"],
    ["no width", { type: "local", cols: 0 }, "cols"],
    ["a shell of the caller's choice", { type: "local", shell: "/usr/bin/python3" }, "shell"],
    ["a directory that is not there", { type: "local", cwd: "/not/there" }, "cwd"],
    ["a variable that is none", { type: "local", env: { "A=B": "c" } }, "env"],
  ])("%s is refused by name", async (_what, request, field) => {
    const { call } = await terminals();
    const { status, body } = await call("POST", SESSIONS, request);
    expect([status, body]).toEqual([400, { error: "Invalid request", details: expect.stringContaining(field) }]);
    expect((await call("GET", SESSIONS)).body).toEqual({ sessions: [] });
  });

  it("refuse what is no JSON before anything is executed", async () => {
    const { url, open } = await terminals();
    const at = await open();
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const body = JSON.stringify({ command: "touch /tmp/never" });
      const response = await fetch(`${url}${at}/execute`, { method: "POST", headers: { "content-type": type }, body });
      expect(response.status).toBe(415);
    }
  });
});

describe("execute", () => {
  it.each<[string, unknown, number]>([
    ["no command", {}, 400],
    ["a command that is no text", { command: 1 }, 400],
    ["NUL in a command", { command: "echo \0" }, 400],
    ["a command of more than 1 MiB", { command: `: ${"x".repeat(1024 * 1024)}` }, 413],
    ["a time-out of nothing", { command: "true", timeoutMs: 0 }, 400],
    ["stdin that is not base64", { command: "cat", stdin: "%%%", encoding: "base64" }, 400],
  ])("%s is refused", async (_what, body, status) => {
    const { call, open } = await terminals();
    expect((await call("POST", `${await open()}/execute`, body)).status).toBe(status);
  });

  it("ends what takes too long, and says so", async () => {
    const { call, open } = await terminals();
    const at = await open();
    expect(await call("POST", `${at}/execute`, { command: "echo a; sleep 60; echo b", timeoutMs: 300 })).toEqual({
      status: 200,
      body: { result: { stdout: "a\n", stderr: "", exitCode: 124, timedOut: true } },
    });
    expect((await call("POST", `${at}/execute`, { command: "echo alive" })).body).toMatchObject({
      result: { stdout: "alive\n" },
    });
  });

  it("keeps head and tail of what is too long, and counts the rest", async () => {
    const { call, open } = await terminals();
    const command = "echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last";
    const { body } = await call("POST", `${await open()}/execute`, { command, maxOutputBytes: 1_000 });
    expect(body).toMatchObject({ result: { truncated: true, stdoutBytes: 3_000_012, stderrBytes: 0, exitCode: 0 } });
    const { stdout } = (body as unknown as { result: { stdout: string } }).result;
    expect(stdout).toMatch(/^first\nx+\n\[2999012 bytes omitted\]\nx+\nlast\n$/);
  });

  it("gives every byte in base64, and readable text without", async () => {
    const { call, open } = await terminals();
    const at = await open();
    const bytes = Buffer.from([0, 255, 254, 10, 195]);
    const stdin = bytes.toString("base64");
    expect((await call("POST", `${at}/execute`, { command: "cat", stdin, encoding: "base64" })).body).toMatchObject({
      result: { stdout: stdin },
    });
    expect((await call("POST", `${at}/execute`, { command: "printf '\\377'" })).body).toMatchObject({
      result: { stdout: "\uFFFD" },
    });
  });

  it("runs 20 calls at once in the order they came, and refuses those that are too many", async () => {
    const { call, open } = await terminals();
    const at = await open();
    await call("POST", `${at}/execute`, { command: "i=0" });
    const results = await Promise.all(
      Array.from({ length: 20 }, () => call("POST", `${at}/execute`, { command: "i=$((i + 1)); echo $i" })),
    );
    const numbers = results.map(({ body }) =>
      Number((body as unknown as { result: { stdout: string } }).result.stdout),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    await call("POST", `${at}/execute`, { command: "sleep 60", background: true });
    const many = await Promise.all(
      Array.from({ length: 40 }, () => call("POST", `${at}/execute`, { command: "true", background: true })),
    );
    expect(many.filter(({ status }) => status === 429)).toHaveLength(8);
  });

  it("stops when its caller leaves", async () => {
    const { url, call, open } = await terminals();
    const at = await open();
    const leaving = new AbortController();
    const request = { command: "sleep 60", timeoutMs: 60_000 };
    const headers = { "content-type": "application/json" };
    const asked = fetch(`${url}${at}/execute`, {
      method: "POST",
      headers,
      body: JSON.stringify(request),
      signal: leaving.signal,
    });
    const state = async () => (await call("GET", at)).body as unknown as { session: { state: string } };
    await expect.poll(async () => (await state()).session.state).toBe("busy");
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(async () => (await state()).session.state, { timeout: 10_000 }).toBe("ready");
    expect((await call("GET", `${at}/executions/1`)).body).toMatchObject({
      execution: { phase: "done", result: { exitCode: 130, aborted: true } },
    });
  });

  it("goes on in the background, and can be stopped", async () => {
    const { call, open } = await terminals();
    const at = await open();
    const started = await call("POST", `${at}/execute`, { command: "echo a; sleep 60", background: true });
    expect(started.body).toMatchObject({ execution: { n: 1, command: "echo a; sleep 60" } });
    const look = async () => (await call("GET", `${at}/executions/1`)).body as unknown as Looked;
    await expect.poll(async () => (await look()).execution.result?.stdout).toBe("a\n");
    expect((await look()).execution.phase).toBe("running");
    expect(await call("DELETE", `${at}/executions/1`)).toMatchObject({ body: { success: true } });
    await expect.poll(async () => (await look()).execution.phase, { timeout: 10_000 }).toBe("done");
  });

  it("streams output as it comes", async () => {
    const { url, open } = await terminals();
    const response = await fetch(`${url}${await open()}/execute?stream=1`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        command: "echo out; sleep 0.1; printf '\\303' >&2; sleep 0.1; printf '\\244' >&2; exit 3",
      }),
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = (await response.text()).trim().split("\n\n");
    const at = (name: string) => events.filter((each) => each.startsWith(`event: ${name}\n`)).map(dataOf);
    expect(at("stdout")).toEqual([{ data: "out\n" }]);
    expect(
      at("stderr")
        .map(({ data }) => data)
        .join(""),
    ).toBe("ä");
    expect(at("exit")).toEqual([{ exitCode: 3 }]);
  });

  it("streams 100 MB to a slow reader in bounded memory", async () => {
    const { url, open } = await terminals();
    const response = await fetch(`${url}${await open()}/execute?stream=1`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ command: "head -c 100000000 /dev/zero | tr '\\0' x", timeoutMs: 600_000 }),
    });
    const before = process.memoryUsage().rss;
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  }, 60_000);
});

interface Looked {
  readonly execution: { readonly phase: string; readonly result: { readonly stdout: string } | null };
}

function dataOf(event: string): { data?: string; exitCode?: number } {
  return JSON.parse(event.slice(event.indexOf("data: ") + 6));
}

describe("output", () => {
  it("goes on where a reader stopped, or where he says", async () => {
    const { call, open } = await terminals();
    const at = await open();
    await call("POST", `${at}/send`, { data: "stty -echo; PS1=\n" });
    const sent = await call("POST", `${at}/send`, { data: "echo x-$((1 + 1))\n", waitMs: 5_000 });
    let { output, cursor } = sent.body as unknown as Output;
    while (!output.join("").includes("x-2\r\n")) {
      const { body } = await call("GET", `${at}/output?cursor=${cursor}&waitMs=5000`);
      output = [...output, ...(body as unknown as Output).output];
      ({ cursor } = body as unknown as Output);
    }
    const all = (await call("GET", `${at}/output?cursor=0`)).body as unknown as Output;
    expect(all).toMatchObject({ dropped: 0, closed: false });
    expect(all.output.join("")).toContain("x-2\r\n");
  });

  it("of jobs in the background is kept apart, and read by cursor or where one stopped", async () => {
    const { call, open } = await terminals({ terminal: { env: { HOME: "/tmp", PS1: "$ " } } });
    const at = await open();
    const jobs = async (query: string) => (await call("GET", `${at}/output?of=jobs${query}`)).body as unknown as Output;
    expect(await jobs("")).toEqual({ output: [] });
    const { body } = await call("POST", `${at}/execute`, {
      // Two pipes: on one, the second read could meet the first writer's end.
      command: "d=$(mktemp -d); mkfifo $d/1 $d/2; (read x <$d/1; echo one; read x <$d/2; printf two >&2) & echo now",
    });
    expect(body).toMatchObject({ result: { stdout: "now\n" } });
    await call("POST", `${at}/execute`, { command: "echo x >$d/1" });
    expect((await jobs("&waitMs=25000")).output).toEqual(["one\n"]);
    const waiting = jobs("&waitMs=25000");
    await call("POST", `${at}/execute`, { command: "echo x >$d/2; rm -r $d" });
    expect((await waiting).output).toEqual(["two"]);
    expect(await jobs("&cursor=0")).toEqual({ output: ["one\n", "two"], cursor: 7, dropped: 0, closed: false });
    expect((await call("GET", `${at}/output?of=nothing`)).status).toBe(400);
    expect((await call("GET", `${at}/output?of=jobs&cursor=8`)).status).toBe(400);
  });

  it.each(["cursor=abc", "cursor=-1", "cursor=999999999", "waitMs=26000", "maxBytes=0"])(
    "?%s is refused",
    async (query) => {
      const { call, open } = await terminals();
      expect((await call("GET", `${await open()}/output?${query}`)).status).toBe(400);
    },
  );

  it("waits for output, and for no longer than asked", async () => {
    const { call, open } = await terminals();
    const at = await open();
    await call("POST", `${at}/send`, { data: "stty -echo; PS1=; echo ready-$((1 + 1))\n" });
    let cursor = 0;
    const next = async (waitMs: number) => {
      const { body } = await call("GET", `${at}/output?cursor=${cursor}&waitMs=${waitMs}`);
      ({ cursor } = body as unknown as Output);
      return (body as unknown as Output).output.join("");
    };
    let seen = "";
    while (!seen.includes("ready-2")) seen += await next(5_000);
    while ((await next(300)) !== "") continue;
    const waiting = next(20_000);
    await call("POST", `${at}/send`, { data: "echo late\n" });
    let late = await waiting;
    expect(late).not.toBe("");
    while (!late.includes("late")) late += await next(5_000); // the shell tells the terminal that it reads no more first
  });

  it("says when nothing more will come, and how the shell ended", async () => {
    const { call, open } = await terminals();
    const at = await open();
    await call("POST", `${at}/send`, { data: "kill -9 $$\n" });
    let closed = false;
    let cursor = 0;
    while (!closed) {
      ({ closed, cursor } = (await call("GET", `${at}/output?cursor=${cursor}&waitMs=5000`)).body as unknown as Output);
    }
    expect((await call("GET", at)).body).toMatchObject({ session: { exit: { code: 137, signal: "SIGKILL" } } });
    expect((await call("POST", `${at}/send`, { data: "x" })).status).toBe(409);
    expect((await call("POST", `${at}/execute`, { command: "echo still" })).body).toMatchObject({
      result: { stdout: "still\n" },
    });
    expect((await call("POST", `${at}/restart`, {})).status).toBe(200);
    expect((await call("POST", `${at}/send`, { data: "true\n" })).status).toBe(200);
  });
});

interface Output {
  readonly output: string[];
  readonly cursor: number;
  readonly closed: boolean;
}

describe("size and signals", () => {
  it.each([
    { cols: 0, rows: 1 },
    { cols: -1, rows: 1 },
    { cols: 1, rows: 70_000 },
    { cols: "80", rows: 24 },
    { cols: null },
  ])("a size of %j is refused", async (size) => {
    const { call, open } = await terminals();
    expect((await call("POST", `${await open()}/resize`, size)).status).toBe(400);
  });

  it("reach the program", async () => {
    const { call, open } = await terminals();
    const at = await open();
    await call("POST", `${at}/send`, { data: "stty -echo\n" });
    await call("POST", `${at}/resize`, { cols: 123, rows: 45 });
    await call("POST", `${at}/send`, {
      data: "stty size; sh -c 'echo begun-$((1 + 1)); exec sleep 60'; echo after-$?\n",
    });
    const seen = async () => ((await call("GET", `${at}/output?cursor=0`)).body as unknown as Output).output.join("");
    await expect.poll(seen, { timeout: 10_000 }).toMatch(/45 123[^]*begun-2/);
    await call("POST", `${at}/signal`, { signal: "TERM" });
    await expect.poll(seen, { timeout: 10_000 }).toContain("after-143");
  });
});

describe("limits", () => {
  it("one more terminal than allowed is refused, until another is deleted", async () => {
    const { call, open } = await terminals({ terminal: { maxSessions: 2 } });
    const [first] = [await open(), await open()];
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(429);
    await call("DELETE", first);
    expect((await call("POST", SESSIONS, { type: "local" })).status).toBe(201);
  });

  it("leave no descriptor and no file behind after 100 terminals", async () => {
    const { readdirSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const { call, open } = await terminals({ limits: { perIp: null } });
    await call("DELETE", await open());
    const state = () => [
      readdirSync("/proc/self/fd").length,
      readdirSync(tmpdir()).filter((name) => name.startsWith(`sluice-${process.pid}-`)).length,
    ];
    const before = state();
    for (let index = 0; index < 100; index++) await call("DELETE", await open());
    expect(state()).toEqual(before);
  }, 60_000);
});
