import { Gateway, type GatewayOptions, type GatewayRequest, type Identity, type Peer } from "@sluice/core";
import { fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";

const OFF = { perIp: null, perKey: null };

/** Requests of one peer after another, without a port. */
function caller(options: GatewayOptions = {}) {
  const clock = fakeClock();
  const gateway = new Gateway({ clock, ...options });
  async function call(line: string, { peer = "203.0.113.7", headers = {}, identity }: CallOptions = {}) {
    const [method = "", url = ""] = line.split(" ");
    const given: Record<string, string> = { host: "localhost", ...headers };
    const request: GatewayRequest = {
      method,
      url,
      headers: { get: (name) => given[name] ?? null },
      signal: new AbortController().signal,
      arrayBuffer: async () => new TextEncoder().encode('{"messages":[{"role":"user","content":"hi"}]}').buffer,
    };
    const from: Peer = { address: peer, ...(identity ? { identify: () => identity } : {}) };
    const { status, headers: answered, body } = await gateway.handle(request, from);
    return { status, headers: answered, body: typeof body === "string" ? body : "" };
  }
  return { clock, gateway, call };
}

interface CallOptions {
  readonly peer?: string;
  readonly headers?: Record<string, string>;
  readonly identity?: Identity;
}

describe("the limit per address", () => {
  it("lets 100 requests a minute through, in development too, and answers the next as documented", async () => {
    const { call, clock } = caller();
    const first = await call("GET /v1/models");
    expect(first.headers).toMatchObject({
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "99",
      "x-ratelimit-reset": String(Math.ceil(clock.now() / 1_000) + 60),
    });
    for (let count = 0; count < 99; count++) expect((await call("GET /v1/models")).status).toBe(200);
    clock.advance(48_000);
    const refused = await call("GET /v1/models");
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body)).toEqual({
      error: "Rate limit exceeded",
      details: "100 requests per 60 s per IP; retry in 12 s",
    });
    expect(refused.headers).toMatchObject({
      "retry-after": "12",
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "0",
      "ratelimit-policy": '"ip";q=100;w=60',
      ratelimit: '"ip";r=0;t=12',
    });
    clock.advance(12_000);
    expect((await call("GET /v1/models")).status).toBe(200);
  });

  it("counts whatever becomes of a request, and tells so on errors", async () => {
    const { call } = caller({ mode: "production", limits: { perIp: { limit: 5, windowSeconds: 60 } } });
    const lines = ["GET /nowhere", "GET /v1/models", "POST /health", "OPTIONS /v1/models", "GET /v1/models/%zz"];
    const answers = [];
    for (const line of lines) answers.push(await call(line));
    expect(answers.map(({ status }) => status)).toEqual([404, 401, 405, 405, 400]);
    expect(answers.map(({ headers }) => headers["x-ratelimit-remaining"])).toEqual(["4", "3", "2", "1", "0"]);
    for (const line of lines) expect((await call(line)).status).toBe(429);
  });

  it.each(["/health", "/livez", "/readyz", "/health/liveliness", "/", "/docs", "/openapi.json"])(
    "does not count %s",
    async (path) => {
      const { call } = caller({ limits: { perIp: { limit: 1, windowSeconds: 60 } } });
      await call("GET /v1/models");
      for (const method of ["GET", "HEAD", "GET"]) {
        const { status, headers } = await call(`${method} ${path}`);
        expect(status).toBe(200);
        expect(headers["x-ratelimit-limit"]).toBeUndefined();
      }
    },
  );

  it("comes before anything is asked about the caller", async () => {
    let asked = 0;
    const { call } = caller({
      limits: { perIp: { limit: 1, windowSeconds: 60 } },
      identify: () => {
        asked++;
        return null;
      },
    });
    await call("GET /v1/models");
    expect((await call("GET /v1/models")).status).toBe(429);
    expect(asked).toBe(1);
  });

  it.each([
    ["::ffff:203.0.113.7", "203.0.113.7", 429],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", 200],
    ["203.0.113.7", "203.0.113.8", 200],
  ])("after %s, %s is answered %d", async (one, other, status) => {
    const { call } = caller({ limits: { perIp: { limit: 1, windowSeconds: 60 } } });
    await call("GET /v1/models", { peer: one });
    expect((await call("GET /v1/models", { peer: other })).status).toBe(status);
  });

  it("believes X-Forwarded-For of trusted proxies alone", async () => {
    const { call } = caller({ trustProxy: ["10.0.0.0/8"], limits: { perIp: { limit: 1, windowSeconds: 60 } } });
    const from = (peer: string, client: string) =>
      call("GET /v1/models", { peer, headers: { "x-forwarded-for": client } });
    expect((await from("10.0.0.1", "203.0.113.1")).status).toBe(200);
    expect((await from("10.0.0.1", "203.0.113.2")).status).toBe(200);
    expect((await from("10.0.0.2", "203.0.113.1")).status).toBe(429);
    expect((await from("198.51.100.1", "203.0.113.3")).status).toBe(200);
    expect((await from("198.51.100.1", "203.0.113.4")).status).toBe(429);
  });

  it("admits exactly 100 of 1,000 requests at once", async () => {
    const { call } = caller();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => call("GET /v1/models")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(900);
  });

  it("answers OpenAI's clients in their own shape and with their own headers", async () => {
    const { call } = caller({ limits: { perIp: { limit: 1, windowSeconds: 60 } } });
    const openai = { headers: { "user-agent": "OpenAI/JS 6.0.0", "content-type": "application/json" } };
    const answered = await call("POST /v1/chat/completions", openai);
    expect(answered.status).toBe(200);
    expect(answered.headers).toMatchObject({
      "x-ratelimit-limit-requests": "1",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1m0s",
    });
    const refused = await call("POST /v1/chat/completions", openai);
    expect(JSON.parse(refused.body).error).toMatchObject({ type: "rate_limit_error", code: "rate_limit_exceeded" });
  });

  it("counts nobody whose address is not known", async () => {
    const { call } = caller({ limits: { perIp: { limit: 1, windowSeconds: 60 } } });
    for (let count = 0; count < 3; count++) expect((await call("GET /v1/models", { peer: "" })).status).toBe(200);
  });
});

describe("the limit per key", () => {
  const key = (id: string, also: Partial<Identity> = {}): Identity => ({ id, role: "client", kind: "key", ...also });

  it("lets 1,000 requests an hour through, from wherever they come", async () => {
    const { call } = caller({ mode: "production" });
    for (let count = 0; count < 1_000; count++) {
      const { status } = await call("GET /v1/models", {
        peer: `10.0.${count >> 8}.${count & 255}`,
        identity: key("a"),
      });
      expect(status).toBe(200);
    }
    const refused = await call("GET /v1/models", { peer: "10.9.9.9", identity: key("a") });
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body).details).toBe("1000 requests per 3600 s per key; retry in 3600 s");
    expect(refused.headers["ratelimit-policy"]).toBe('"ip";q=100;w=60, "key";q=1000;w=3600');
    expect(refused.headers.ratelimit).toBe('"key";r=0;t=3600');
    expect((await call("GET /v1/models", { peer: "10.9.9.9", identity: key("b") })).status).toBe(200);
  });

  it.each(["user", "host", undefined] as const)("counts a %s as it counts a key", async (kind) => {
    const { call } = caller({ limits: { perIp: null, perKey: { limit: 1, windowSeconds: 60 } } });
    const identity: Identity = { id: "somebody", role: "viewer", kind };
    expect((await call("GET /v1/models", { identity })).status).toBe(200);
    expect((await call("GET /v1/models", { identity })).status).toBe(429);
    expect((await call("GET /v1/models", { identity: key("somebody") })).status).toBe(200);
  });

  it("counts nobody in particular by address alone", async () => {
    const { call } = caller({ limits: { perIp: null, perKey: { limit: 1, windowSeconds: 60 } } });
    for (let count = 0; count < 3; count++) {
      const { status, headers } = await call("GET /v1/models");
      expect([status, headers["x-ratelimit-limit"]]).toEqual([200, undefined]);
    }
  });

  it("is the caller's own where it has one", async () => {
    const { call } = caller({ limits: OFF });
    const own = key("own", { limits: { requests: 2, windowSeconds: 10 } });
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(await call("GET /v1/models", { identity: own }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers["ratelimit-policy"]).toBe('"key";q=2;w=10');
  });

  it("is off for a caller whose own says so", async () => {
    const { call } = caller({ limits: { perIp: null, perKey: { limit: 1, windowSeconds: 60 } } });
    const free = key("free", { limits: { requests: null } });
    for (let count = 0; count < 3; count++) {
      expect((await call("GET /v1/models", { identity: free })).status).toBe(200);
    }
  });

  it("leaves the address's place used when the key refuses", async () => {
    const { call } = caller({
      limits: { perIp: { limit: 10, windowSeconds: 60 }, perKey: { limit: 1, windowSeconds: 60 } },
    });
    for (let count = 0; count < 3; count++) await call("GET /v1/models", { identity: key("a") });
    expect((await call("GET /v1/models")).headers["x-ratelimit-remaining"]).toBe("6");
  });
});

it("sends no limit headers where every limit is off", async () => {
  const { headers } = await caller({ limits: OFF }).call("GET /v1/models");
  expect(Object.keys(headers).filter((name) => name.includes("ratelimit"))).toEqual([]);
});

it("refuses to believe every proxy", () => {
  expect(() => new Gateway({ trustProxy: true })).toThrow("trustProxy");
});
