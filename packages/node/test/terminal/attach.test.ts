import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type Place, terminals } from "./place.js";

const PROTOCOL = "sluice.terminal.v1";

interface Frame {
  readonly end: number;
  readonly bytes: Buffer;
}

/** A client that acknowledges what it reads unless it is told not to. */
class Client {
  readonly frames: Frame[] = [];
  readonly control: Record<string, unknown>[] = [];
  readonly socket: WebSocket;
  acknowledges = true;
  closed: { code: number } | null = null;

  constructor(url: string, protocols: string[] = [PROTOCOL], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace("http", "ws"), protocols, { headers });
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) return void this.control.push(JSON.parse(data.toString()));
      const end = Number(data.readBigUInt64BE());
      this.frames.push({ end, bytes: data.subarray(8) });
      if (this.acknowledges) this.tell({ t: "ack", offset: end });
    });
    this.socket.on("close", (code) => {
      this.closed = { code };
    });
    this.socket.on("error", () => {});
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  type(text: string): void {
    this.socket.send(Buffer.from(text), { binary: true });
  }

  get text(): string {
    return Buffer.concat(this.frames.map(({ bytes }) => bytes)).toString();
  }

  get cursor(): number {
    return this.frames.at(-1)?.end ?? 0;
  }

  told(t: string): Record<string, unknown>[] {
    return this.control.filter((each) => each.t === t);
  }

  async sees(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text, { timeout: 15_000 }).toMatch(text);
  }

  async hears(t: string): Promise<Record<string, unknown>> {
    await expect.poll(() => this.told(t).length, { timeout: 15_000 }).toBeGreaterThan(0);
    return this.told(t).at(-1) ?? {};
  }
}

const clients: Client[] = [];

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.terminate();
});

async function attach({ url }: Place, at: string, hello: object = {}): Promise<Client> {
  const client = new Client(`${url}${at}/attach`);
  clients.push(client);
  await new Promise((resolve, reject) => {
    client.socket.once("open", resolve);
    client.socket.once("error", reject);
  });
  client.tell({ t: "hello", cols: 100, rows: 30, ...hello });
  await client.hears("ready");
  return client;
}

describe("who attaches", () => {
  it("types, sees, and has the size of his window", async () => {
    const place = await terminals();
    const client = await attach(place, await place.open());
    expect(client.told("ready")[0]).toMatchObject({ role: "drive", size: { cols: 100, rows: 30 } });
    client.type("stty -echo; stty size; echo $((40 + 2))-done\n");
    await client.sees(/30 100\r\n42-done/);
    client.tell({ t: "resize", cols: 120, rows: 40 });
    client.type("stty size\n");
    await client.sees("40 120");
  });

  it("comes back where he was, without loss or repeat", async () => {
    const place = await terminals();
    const at = await place.open();
    const first = await attach(place, at);
    first.type(
      "stty -echo; PS1=; i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line-$i-; done; echo over-$((1 + 1))\n",
    );
    await first.sees("line-100-");
    first.socket.terminate();
    const text = first.text;
    const again = await attach(place, at, { cursor: first.cursor });
    await expect.poll(() => text + again.text, { timeout: 15_000 }).toContain("over-2"); // a fast shell was done before
    const numbers = [...(text + again.text).matchAll(/line-(\d+)-\r/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
    expect(again.told("gap")).toEqual([]);
  });

  it("without a cursor sees what was there on a clean screen", async () => {
    const place = await terminals();
    const at = await place.open();
    const first = await attach(place, at);
    first.type("echo before-$((1 + 1))\n");
    await first.sees("before-2");
    const second = await attach(place, at, { mode: "view" });
    await second.sees(/^\x1bc[^]*before-2/);
  });

  it("hears how the shell ended, after all it said", async () => {
    const place = await terminals();
    const client = await attach(place, await place.open());
    client.type("seq 1 20000; echo last; exit 7\n");
    expect(await client.hears("exit")).toMatchObject({ code: 7, signal: null });
    expect(client.text).toContain("20000\r\nlast\r\n");
  });

  it("sees the commands that programs execute", async () => {
    const place = await terminals();
    const at = await place.open();
    const client = await attach(place, at, { mode: "view" });
    await place.call("POST", `${at}/execute`, { command: "exit 3" });
    await expect
      .poll(() => client.told("exec"))
      .toEqual([
        { t: "exec", phase: "start", n: 1, command: "exit 3", exitCode: null },
        { t: "exec", phase: "end", n: 1, command: "exit 3", exitCode: 3 },
      ]);
  });

  it("is sent away when the terminal is deleted", async () => {
    const place = await terminals();
    const at = await place.open();
    const client = await attach(place, at);
    await place.call("DELETE", at);
    await expect.poll(() => client.closed?.code).toBe(4404);
  });

  it.each([
    ["a message that is no JSON", "{"],
    ["an unknown message", '{"t":"nope"}'],
    ["a size that is none", '{"t":"resize","cols":0,"rows":1}'],
    ["a second hello", '{"t":"hello"}'],
  ])("with %s is told so and sent away", async (_what, message) => {
    const place = await terminals();
    const client = await attach(place, await place.open());
    client.socket.send(message);
    await expect.poll(() => client.closed?.code).toBe(1008);
    expect(client.told("error")).toHaveLength(1);
  });
});

describe("a viewer", () => {
  it("cannot type, size or signal, until he drives", async () => {
    const place = await terminals();
    const at = await place.open();
    const driver = await attach(place, at);
    const viewer = await attach(place, at, { mode: "view", cols: 10, rows: 10 });
    expect(viewer.told("ready")[0]).toMatchObject({ role: "view", size: { cols: 100, rows: 30 } });
    viewer.type("echo viewer-$((1 + 1))\n");
    viewer.tell({ t: "resize", cols: 10, rows: 10 });
    viewer.tell({ t: "signal", signal: "KILL" });
    driver.type("stty size; echo driver-$((1 + 1))\n");
    await driver.sees(/30 100\r\ndriver-2/);
    expect(driver.text).not.toContain("viewer-2");
    viewer.tell({ t: "drive" });
    expect(await driver.hears("role")).toEqual({ t: "role", role: "view" });
    viewer.type("echo viewer-$((2 + 1))\n");
    await driver.sees("viewer-3");
  });

  it("who wants to drive does when the driver leaves", async () => {
    const place = await terminals();
    const at = await place.open();
    const driver = await attach(place, at);
    const next = await attach(place, at);
    expect(next.told("ready")[0]).toMatchObject({ role: "view" });
    driver.socket.close();
    expect(await next.hears("role")).toEqual({ t: "role", role: "drive" });
  });

  it("who is slow misses something, is told so, and holds nobody up", async () => {
    const place = await terminals();
    const at = await place.open();
    const driver = await attach(place, at);
    const viewer = await attach(place, at, { mode: "view" });
    viewer.acknowledges = false;
    driver.type("stty -echo; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end-$((1 + 1))\n");
    await driver.sees("end-2");
    viewer.acknowledges = true;
    viewer.tell({ t: "ack", offset: viewer.cursor });
    await viewer.sees("end-2");
    const [gap] = viewer.told("gap");
    expect(Number(gap?.dropped)).toBeGreaterThan(1_000_000);
  });
});

describe("a stalled driver", () => {
  it("stops a flood in bounded memory, and can still interrupt it", async () => {
    const place = await terminals();
    const at = await place.open();
    const driver = await attach(place, at);
    driver.type("stty -echo; echo ready-$((1 + 1))\n");
    await driver.sees("ready-2");
    const before = process.memoryUsage().rss;
    driver.acknowledges = false;
    driver.type("yes\n");
    const cursor = async () => {
      const { body } = await place.call("GET", at);
      return (body as unknown as { session: { cursor: number } }).session.cursor;
    };
    await expect.poll(async () => (await cursor()) > 256 * 1024).toBe(true);
    const [one, other] = [await cursor(), await cursor()];
    expect(other).toBe(one); // held, not just slow
    expect(other).toBeLessThan(2_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    driver.type("\x03");
    driver.acknowledges = true;
    driver.tell({ t: "ack", offset: driver.cursor });
    driver.type("echo alive-$((1 + 1))\n");
    await driver.sees("alive-2");
  });
});

describe("a ticket", () => {
  it("lets in once, without any other credential", async () => {
    const place = await terminals({
      mode: "production",
      terminal: { mode: "authenticated" },
      identify: (request) => (request.headers.get("authorization") ? { id: "anna", role: "operator" } : null),
    });
    const headers = { authorization: "Bearer x" };
    const opened = await place.call("POST", "/v1/terminal/sessions", { type: "local" }, headers);
    const at = `/v1/terminal/${(opened.body as unknown as { session: { id: string } }).session.id}`;
    expect(await statusOf(`${place.url}${at}/attach`, {}, [PROTOCOL])).toBe(401);
    const issued = await place.call("POST", `${at}/ticket`, {}, headers);
    const { ticket } = issued.body as unknown as { ticket: string };
    const client = new Client(`${place.url}${at}/attach`, [PROTOCOL, `ticket.${ticket}`]);
    clients.push(client);
    await new Promise((resolve) => client.socket.once("open", resolve));
    expect(client.socket.protocol).toBe(PROTOCOL);
    expect(await statusOf(`${place.url}${at}/attach`, {}, [PROTOCOL, `ticket.${ticket}`])).toBe(401);
    expect(await statusOf(`${place.url}${at}/attach`, {}, [PROTOCOL, "ticket.made-up"])).toBe(401);
  });

  it("is for one terminal alone", async () => {
    const place = await terminals();
    const [one, other] = [await place.open(), await place.open()];
    const { ticket } = (await place.call("POST", `${one}/ticket`, {})).body as unknown as { ticket: string };
    expect(await statusOf(`${place.url}${other}/attach`, {}, [PROTOCOL, `ticket.${ticket}`])).toBe(401);
  });
});

describe("an upgrade", () => {
  it.each<[string, Record<string, string>, number]>([
    ["of a page elsewhere", { origin: "https://evil.example" }, 403],
    ["of a page on another port", { origin: "http://localhost:1" }, 403],
    ["of a sandboxed page", { origin: "null" }, 403],
    ["by another name of this machine", { host: "evil.example" }, 403],
    ["that a proxy passed on", { "x-forwarded-for": "10.0.0.1" }, 403],
    ["of another site", { "sec-fetch-site": "cross-site" }, 403],
  ])("%s is refused", async (_what, headers, status) => {
    const place = await terminals();
    expect(await statusOf(`${place.url}${await place.open()}/attach`, headers, [PROTOCOL])).toBe(status);
  });

  it("of an unknown terminal is refused", async () => {
    const place = await terminals();
    expect(await statusOf(`${place.url}/v1/terminal/term-1733385600000-abc123/attach`, {}, [PROTOCOL])).toBe(404);
  });

  it("without the subprotocol, and a plain request, are told what to do", async () => {
    const place = await terminals();
    const at = await place.open();
    expect(await statusOf(`${place.url}${at}/attach`, {}, [])).toBe(426);
    expect((await place.call("GET", `${at}/attach`)).status).toBe(426);
  });
});

/** What an upgrade is answered. */
function statusOf(url: string, headers: Record<string, string>, protocols: string[]): Promise<number> {
  const handshake = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocols.length > 0 ? { "sec-websocket-protocol": protocols.join(", ") } : {}),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { ...handshake, ...headers } });
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}
