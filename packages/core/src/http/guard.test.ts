import { describe, expect, it } from "vitest";
import { type GatewayError, isGatewayError } from "../errors.js";
import type { GatewayConfigInput } from "../schemas/config-input.js";
import { GatewayConfig } from "../schemas/options.js";
import type { GatewayRequest, Peer } from "../spec/http.js";
import { createGuard } from "./guard.js";

const PEER: Peer = { address: "127.0.0.1", localPort: 3000, encrypted: false };

function request(headers: Record<string, string>, url = "/v1/models"): GatewayRequest {
  return {
    method: "GET",
    url,
    headers: { get: (name) => headers[name] ?? null },
    signal: new AbortController().signal,
    arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
  };
}

interface Call {
  readonly config?: GatewayConfigInput;
  readonly headers: Record<string, string>;
  readonly peer?: Peer | null;
  readonly url?: string;
}

/** `null` for a request that is let in, else the failure. */
function verdict({ config = {}, headers, peer = PEER, url }: Call): GatewayError | null {
  const guard = createGuard(GatewayConfig.parse(config));
  try {
    guard(request(headers, url), peer ?? undefined);
    return null;
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
}

const code = (call: Call) => verdict(call)?.code ?? "in";
const LOCAL = { host: "localhost:3000" };
const PUBLIC: GatewayConfigInput = { mode: "production", publicHosts: ["ai.example.com"] };
const CORS = { corsOrigins: ["https://app.example.com"] };

describe("Host in development", () => {
  it.each([
    ["localhost:3000", "in"],
    ["LocalHost:3000", "in"],
    ["127.0.0.1:3000", "in"],
    ["[::1]:3000", "in"],
    ["localhost", "forbidden"],
    ["localhost:", "forbidden"],
    ["localhost:3001", "forbidden"],
    ["localhost:03000", "forbidden"],
    ["localhost:0xbb8", "forbidden"],
    ["localhost.:3000", "forbidden"],
    ["[::1]", "forbidden"],
    ["::1:3000", "forbidden"],
    ["0.0.0.0:3000", "forbidden"],
    ["[::]:3000", "forbidden"],
    ["127.0.0.2:3000", "forbidden"],
    ["192.168.1.5:3000", "forbidden"],
    ["evil.example:3000", "forbidden"],
    ["localhost.evil.example:3000", "forbidden"],
    ["7f000001.rbndr.us:3000", "forbidden"],
    ["127.0.0.1.nip.io:3000", "forbidden"],
    ["", "invalid_request"],
    ["localhost:3000, localhost:3000", "invalid_request"],
    ["user@localhost:3000", "invalid_request"],
    ["localhost:3000/path", "invalid_request"],
    ["localhost:3000\u0000", "invalid_request"],
    ["lócalhost:3000", "invalid_request"],
    [`${"a".repeat(300)}:3000`, "invalid_request"],
  ])("%j: %s", (host, expected) => {
    expect(code({ headers: { host } })).toBe(expected);
  });

  it("is needed", () => {
    expect(code({ headers: {} })).toBe("invalid_request");
  });

  it.each([
    [80, false, "in"],
    [443, true, "in"],
    [443, false, "forbidden"],
    [80, true, "forbidden"],
  ])("may leave out the port %d where it is the default (TLS: %s): %s", (localPort, encrypted, expected) => {
    expect(code({ headers: { host: "localhost" }, peer: { ...PEER, localPort, encrypted } })).toBe(expected);
  });

  it("is checked without its port where nobody knows it, as on a Unix socket", () => {
    const peer = { address: "" };
    expect(code({ headers: { host: "localhost" }, peer })).toBe("in");
    expect(code({ headers: { host: "evil.example" }, peer })).toBe("forbidden");
    expect(code({ headers: { host: "" }, peer })).toBe("invalid_request");
  });

  it.each([
    ["ai.test", "ai.test", "in"],
    ["ai.test", "ai.test:8443", "in"],
    ["AI.test", "ai.TEST", "in"],
    ["ai.test:8443", "ai.test:8443", "in"],
    ["ai.test:8443", "ai.test", "forbidden"],
    ["localhost", "localhost:8080", "in"],
    ["0.0.0.0", "0.0.0.0:3000", "forbidden"],
  ])("publicHosts %j let %j: %s", (name, host, expected) => {
    expect(code({ config: { publicHosts: [name] }, headers: { host } })).toBe(expected);
  });

  it("is refused with what to set", () => {
    const refusal = verdict({ headers: { host: "evil.example" } });
    expect(refusal?.status).toBe(403);
    expect(refusal?.details).toMatch(/evil\.example.*publicHosts/);
  });

  it("is judged anew when it changes, and when the port does", () => {
    const guard = createGuard(GatewayConfig.parse({}));
    guard(request(LOCAL), PEER);
    expect(() => guard(request({ host: "evil.example" }), PEER)).toThrow("Forbidden");
    expect(() => guard(request(LOCAL), { ...PEER, localPort: 3001 })).toThrow("Forbidden");
    guard(request(LOCAL), PEER);
  });
});

describe("Host in production", () => {
  it.each([
    ["ai.example.com", "in"],
    ["ai.example.com:443", "in"],
    ["localhost:3000", "forbidden"],
    ["evil.example", "forbidden"],
    ["0.0.0.0:3000", "forbidden"],
  ])("with publicHosts, %j: %s", (host, expected) => {
    expect(code({ config: PUBLIC, headers: { host } })).toBe(expected);
  });

  it.each([
    ["anything.example", "in"],
    ["10.0.0.8:3000", "in"],
    ["0.0.0.0:3000", "forbidden"],
    ["no spaces", "invalid_request"],
  ])("without publicHosts, %j: %s", (host, expected) => {
    expect(code({ config: { mode: "production" }, headers: { host } })).toBe(expected);
  });
});

describe("a Fetch request", () => {
  it.each([
    ["http://localhost/v1/models", "in"],
    ["http://localhost:9999/v1/models", "in"],
    ["http://[::1]:9999/", "in"],
    ["http://evil.example/", "forbidden"],
    ["http://user@localhost/", "invalid_request"],
    ["ftp://localhost/", "invalid_request"],
  ])("has its host in %j: %s", (url, expected) => {
    expect(code({ headers: {}, url, peer: null })).toBe(expected);
  });

  it("has a Host that counts before its URL, which a framework may have rewritten", () => {
    const url = "http://localhost:3000/";
    expect(code({ headers: { host: "evil.example" }, url, peer: null })).toBe("forbidden");
    expect(code({ config: PUBLIC, headers: { host: "ai.example.com" }, url, peer: null })).toBe("in");
  });
});

describe("the request target", () => {
  it.each([
    ["/health", "in"],
    ["http://localhost:3000/health", "invalid_request"],
    ["http://evil.example/health", "invalid_request"],
    ["https://localhost:3001/health", "invalid_request"],
    ["*", "invalid_request"],
    ["health", "invalid_request"],
    ["", "invalid_request"],
  ])("%j off a socket: %s", (url, expected) => {
    expect(code({ headers: LOCAL, url })).toBe(expected);
  });
});

describe("Origin", () => {
  it.each([
    ["http://localhost:3000", "in"],
    ["HTTP://LOCALHOST:3000", "in"],
    ["https://localhost:3000", "in"],
    ["http://localhost:3001", "forbidden"],
    ["http://localhost", "forbidden"],
    ["http://127.0.0.1:3000", "forbidden"],
    ["http://localhost:3000.evil.example", "forbidden"],
    ["http://localhost:3000/", "forbidden"],
    ["http://localhost:3000, http://localhost:3000", "forbidden"],
    ["https://evil.example", "forbidden"],
    ["null", "forbidden"],
    ["", "forbidden"],
    ["file://", "forbidden"],
    ["chrome-extension://abcdefgh", "forbidden"],
  ])("%j: %s", (origin, expected) => {
    expect(code({ headers: { ...LOCAL, origin } })).toBe(expected);
  });

  it("leaves out the default port, which Host may name", () => {
    const peer = { ...PEER, encrypted: true };
    const headers = { host: "ai.example.com:443", origin: "https://ai.example.com" };
    expect(code({ config: PUBLIC, headers, peer })).toBe("in");
  });

  it("of http is not ours where we serve https", () => {
    const peer = { ...PEER, encrypted: true };
    const headers = { host: "ai.example.com", origin: "http://ai.example.com" };
    expect(code({ config: PUBLIC, headers, peer })).toBe("forbidden");
  });

  it("of https is ours behind a proxy that ends TLS", () => {
    const headers = { host: "ai.example.com", origin: "https://ai.example.com" };
    expect(code({ config: PUBLIC, headers })).toBe("in");
  });

  it.each([
    ["https://app.example.com", "in"],
    ["https://APP.example.com", "in"],
    ["http://app.example.com", "forbidden"],
    ["https://app.example.com:8443", "forbidden"],
    ["null", "forbidden"],
  ])("with corsOrigins, %j: %s", (origin, expected) => {
    expect(code({ config: CORS, headers: { ...LOCAL, origin, "sec-fetch-site": "cross-site" } })).toBe(expected);
  });

  it("null is nobody's, even where it is configured", () => {
    expect(code({ config: { corsOrigins: ["null"] }, headers: { ...LOCAL, origin: "null" } })).toBe("forbidden");
  });

  it("is refused with what to set", () => {
    expect(verdict({ headers: { ...LOCAL, origin: "https://evil.example" } })?.details).toContain("corsOrigins");
  });
});

describe("Sec-Fetch-Site", () => {
  it.each([
    ["same-origin", "in"],
    ["none", "in"],
    ["same-site", "forbidden"],
    ["cross-site", "forbidden"],
    ["same-origin, same-origin", "forbidden"],
    ["Same-Origin", "forbidden"],
    ["", "forbidden"],
  ])("%j: %s", (site, expected) => {
    expect(code({ headers: { ...LOCAL, "sec-fetch-site": site } })).toBe(expected);
  });

  it("is not made good by another Fetch-Metadata header", () => {
    const headers = { ...LOCAL, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    expect(code({ headers })).toBe("forbidden");
  });

  it("does not help a foreign origin", () => {
    const headers = { ...LOCAL, "sec-fetch-site": "same-origin", origin: "https://evil.example" };
    expect(code({ headers })).toBe("forbidden");
  });
});

describe("Authorization", () => {
  it("may come once", () => {
    expect(code({ headers: { ...LOCAL, authorization: "Bearer a" } })).toBe("in");
    expect(code({ headers: { ...LOCAL, authorization: "Bearer a, Bearer a" } })).toBe("invalid_request");
    expect(code({ headers: { ...LOCAL, authorization: "Bearer a', null, 1)" } })).toBe("in");
  });
});
