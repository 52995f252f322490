import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { report } from "../src/commands/config-check.js";
import { DOCUMENTED_VARIABLES, variableOf } from "../src/config/environment.js";
import { configKeys } from "../src/config/json-schema.js";
import { type Flags, loadConfigFrom } from "../src/config/load.js";
import { temporaryDirectory } from "./temporary-directory.js";

const CANARY = "canary-value-7319";

function load(given: { file?: string; environment?: Record<string, string>; flags?: Flags }) {
  const directory = temporaryDirectory();
  if (given.file !== undefined) writeFileSync(join(directory, "sluice.config.json"), given.file);
  return loadConfigFrom({ flags: given.flags ?? {}, environment: given.environment ?? {}, directory });
}

describe("where a value comes from", () => {
  it("is the default when nobody says anything", () => {
    const { config, file, origins } = load({});
    expect(config).toMatchObject({
      port: 3000,
      host: null,
      mode: "development",
      store: "sqlite",
      routing: { defaultLayer: "L0" },
    });
    expect(file).toBeNull();
    expect(origins.size).toBe(0);
  });

  it("is the file over the default, the environment over the file, a flag over both", () => {
    const file =
      '{ // a comment\n "port": 1111, "host": "127.0.0.1", "routing": { "attempts": 5, "defaultLayer": "L1" }, }';
    const environment = { PORT: "2222", DEFAULT_LAYER: "L2" };
    const { config, origins } = load({ file, environment, flags: { port: "3333" } });
    expect(config).toMatchObject({ port: 3333, host: "127.0.0.1", routing: { attempts: 5, defaultLayer: "L2" } });
    expect(origins.get("port")).toBe("command line");
    expect(origins.get("routing.defaultLayer")).toBe("environment DEFAULT_LAYER");
    expect(origins.get("host")).toMatch(/^file /);
  });

  it("can be a variable or a file that the configuration names", () => {
    const secret = join(temporaryDirectory(), "key");
    writeFileSync(secret, "from-a-file\n");
    const file = JSON.stringify({
      providers: {
        openai: { apiKey: "env:MY_KEY" },
        openrouter: { apiKey: "env:NOT_SET" },
        anthropic: { apiKey: `file:${secret}` },
      },
    });
    const { providers } = load({ file, environment: { MY_KEY: "from-the-environment" } }).config;
    expect(providers.openai?.apiKey).toBe("from-the-environment");
    expect(providers.anthropic?.apiKey).toBe("from-a-file");
    expect(providers.openrouter?.apiKey).toBeUndefined();
    expect(() => load({ file: '{"auth":{"jwtSecret":"file:/nowhere"}}' })).toThrow(
      /auth\.jwtSecret refers to the file \/nowhere/,
    );
  });
});

describe("a reference", () => {
  it("becomes the type its key wants", () => {
    const file =
      '{"port": "env:MY_PORT", "routing": {"enableCrossCheck": "env:MY_CHECK"}, "publicHosts": "env:MY_HOSTS"}';
    const environment = { MY_PORT: "8080", MY_CHECK: "0", MY_HOSTS: "a.example,b.example" };
    expect(load({ file, environment }).config).toMatchObject({
      port: 8080,
      routing: { enableCrossCheck: false },
      publicHosts: ["a.example", "b.example"],
    });
  });

  it("works in a variable too", () => {
    const secret = join(temporaryDirectory(), "key");
    writeFileSync(secret, `${CANARY}\n`);
    const environment = {
      JWT_SECRET: `file:${secret}`,
      OPENAI_API_KEY: "env:NOT_SET",
      ANTHROPIC_API_KEY: "env:OTHER",
      OTHER: "k",
    };
    const { auth, providers } = load({ environment }).config;
    expect(auth.jwtSecret).toBe(CANARY);
    expect(providers).toEqual({ anthropic: { apiKey: "k" } });
  });

  it("drops what is not set from a key pool, and a pool of which nothing is left", () => {
    const pool = (...apiKey: string[]) => JSON.stringify({ providers: { openai: { apiKey } } });
    const environment = { TWO: "second" };
    expect(load({ file: pool("env:ONE", "env:TWO"), environment }).config.providers.openai?.apiKey).toEqual(["second"]);
    expect(load({ file: pool("env:ONE", "env:THREE"), environment }).config.providers.openai?.apiKey).toBeUndefined();
  });

  it("to an empty file stops the start", () => {
    const empty = join(temporaryDirectory(), "key");
    writeFileSync(empty, "\n");
    expect(() => load({ environment: { JWT_SECRET: `file:${empty}` } })).toThrow(/^auth\.jwtSecret .* is empty$/);
  });
});

describe("several variables", () => {
  it("count by how exact their keys are, in whatever order they stand", () => {
    const variables: readonly (readonly [string, string])[] = [
      ["SLUICE_PROVIDERS", '{"openai":{"apiKey":"weak","concurrency":4},"anthropic":{"apiKey":"a"}}'],
      ["OPENAI_API_KEY", "strong"],
      ["SLUICE_LIMITS_PER_IP", "null"],
      ["SLUICE_LIMITS_PER_IP_LIMIT", "7"],
      ["SLUICE_PORT", "2222"],
      ["PORT", "1111"],
    ];
    const file = '{"providers": {"openrouter": {"apiKey": "f"}, "openai": {"apiKey": "weaker"}}}';
    for (const order of [variables, [...variables].reverse()]) {
      const { config, origins } = load({ file, environment: Object.fromEntries(order) });
      expect(config.providers).toEqual({
        openrouter: { apiKey: "f" },
        openai: { apiKey: "strong", concurrency: 4 },
        anthropic: { apiKey: "a" },
      });
      expect(config.limits.perIp).toEqual({ limit: 7, windowSeconds: 60 });
      expect(config.port).toBe(2222);
      expect(origins.get("providers.openai.apiKey")).toBe("environment OPENAI_API_KEY");
      expect(origins.get("providers.openai.concurrency")).toBe("environment SLUICE_PROVIDERS");
      expect(origins.get("port")).toBe("environment SLUICE_PORT");
    }
  });

  it("reach every key of the documented providers and of those the file names", () => {
    const file = '{"providers": {"my-vendor": {"type": "openai-compatible", "baseUrl": "http://127.0.0.1:1/v1"}}}';
    const environment = { SLUICE_PROVIDERS_MY_VENDOR_API_KEY: "m", SLUICE_PROVIDERS_OSS_LOCAL_TIMEOUTS_IDLE_MS: "9" };
    const { providers } = load({ file, environment }).config;
    expect(providers["my-vendor"]).toMatchObject({ type: "openai-compatible", apiKey: "m" });
    expect(providers["oss-local"]).toEqual({ timeouts: { idleMs: 9 } });
    expect(() => load({ environment: { SLUICE_PROVIDERS_MY_VENDOR_API_KEY: "m" } })).toThrow(
      /names no configuration key/,
    );
  });
});

describe("the environment", () => {
  it.each([
    ["SLUICE_LIMITS_PER_IP_LIMIT", "7", ["limits", "perIp", "limit"], 7],
    ["SLUICE_ROUTING_TIMEOUTS_CONNECT_MS", "250", ["routing", "timeouts", "connectMs"], 250],
    ["SLUICE_PUBLIC_HOSTS", "a.example, b.example", ["publicHosts"], ["a.example", "b.example"]],
    ["SLUICE_CORS_ORIGINS", '["https://a.example"]', ["corsOrigins"], ["https://a.example"]],
    ["SLUICE_TRUST_PROXY", "2", ["trustProxy"], 2],
    ["SLUICE_TRUST_PROXY", "10.0.0.0/8, 192.168.0.0/16", ["trustProxy"], ["10.0.0.0/8", "192.168.0.0/16"]],
    ["SLUICE_TERMINAL_PORTS", "22,2222", ["terminal", "ports"], [22, 2222]],
    ["SLUICE_MODELS", "[]", ["models"], []],
    ["OPENAI_API_KEY", '["k1","k2"]', ["providers", "openai", "apiKey"], ["k1", "k2"]],
    ["OPENAI_API_KEY", "1234", ["providers", "openai", "apiKey"], "1234"],
    ["REDIS_URL", "redis://localhost", ["redis"], "redis://localhost"],
    ["SLUICE_ROUTING_KEEP_ALIVE_AFTER_MS", "null", ["routing", "keepAliveAfterMs"], null],
    ["ENABLE_CROSS_CHECK", "false", ["routing", "enableCrossCheck"], false],
    ["ENABLE_COST_TRACKING", "0", ["cost", "enableCostTracking"], false],
    ["COST_ALERT_THRESHOLD", "2.5", ["cost", "costAlertThreshold"], 2.5],
    [
      "OSS_LOCAL_BASE_URL",
      "http://127.0.0.1:11434/v1",
      ["providers", "oss-local", "baseUrl"],
      "http://127.0.0.1:11434/v1",
    ],
    ["LOG_LEVEL", "debug", ["logLevel"], "debug"],
    ["DATA_DIR", "/data", ["dataDir"], "/data"],
  ])("%s=%s", (variable, text, path, expected) => {
    const { config } = load({ environment: { [variable]: text } });
    expect(path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], config)).toEqual(expected);
  });

  it("counts an empty variable as unset", () => {
    expect(load({ environment: { PORT: "", SLUICE_NOT_A_KEY: "" } }).config.port).toBe(3000);
  });

  it("gives every key a variable of its own", () => {
    const names = configKeys().map(({ path }) => variableOf(path));
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(DOCUMENTED_VARIABLES)).toHaveLength(23);
  });
});

describe("a mistake", () => {
  it.each([
    [{ file: `{"prot": "${CANARY}"}` }, /^prot is not a configuration key \(file .*sluice\.config\.json\)$/],
    [{ file: `{"routing": {"defaultLayers": "${CANARY}"}}` }, /^routing\.defaultLayers is not a configuration key/],
    [
      { file: `{"providers": {"openai": {"apikey": "${CANARY}"}}}` },
      /^providers\.openai\.apikey is not a configuration key/,
    ],
    [{ file: `{"port": "${CANARY}"}` }, /^port: /],
    [{ file: `{"logLevel": "${CANARY}"}` }, /^logLevel: /],
    [{ file: `{"store": "${CANARY}"}` }, /^store: must be sqlite, memory or a postgres/],
    [{ file: '{"port": 1' }, /is not valid JSON: close brace expected at line 1, column 11$/],
    [{ file: '\uFEFF{"port": 0, "prot": 1}' }, /^prot is not/],
    [{ file: `{"a\\nb": "${CANARY}"}` }, /^a\\nb is not a configuration key/],
    [{ file: `{"trustProxy": "${CANARY}"}` }, /^trustProxy: expected boolean or integer or array \(file/],
    [
      { file: `{"models": [{"id":"a","provider":"openai","apiModelName":"b","layer":"L0","prioriti":"${CANARY}"}]}` },
      /^models\.0\.prioriti is not a configuration key/,
    ],
    [{ file: `{"providers": {"My Vendor": {"apiKey": "${CANARY}"}}}` }, /^providers\.My Vendor: /],
    [{ file: "[]" }, /must hold a JSON object$/],
    [{ environment: { PORT: CANARY } }, /^port: .* \(environment PORT\)$/],
    [{ environment: { SLUICE_LIMITS_PER_IP: CANARY } }, /^limits\.perIp: .* \(environment SLUICE_LIMITS_PER_IP\)$/],
    [{ environment: { SLUICE_PROT: CANARY } }, /^SLUICE_PROT in the environment names no configuration key$/],
    [{ flags: { port: CANARY } }, /^port: .* \(command line\)$/],
    [{ flags: { config: "/nowhere.json" } }, /^\/nowhere\.json cannot be read \(ENOENT\)$/],
  ])("%o is one line that names the key and not the value", (given, message) => {
    let said = "";
    try {
      load(given);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toMatch(message);
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain("\n");
  });
});

it("config check masks every secret", () => {
  const file = JSON.stringify({
    providers: { openai: { apiKey: [CANARY, CANARY], headers: { "x-secret": CANARY } } },
    auth: { jwtSecret: CANARY, adminPassword: CANARY },
    redis: { cluster: [`redis://:${CANARY}@localhost`] },
    outboundProxy: `http://user:${CANARY}@proxy.example:8080`,
  });
  const text = report(load({ file, environment: { DATABASE_URL: `postgres://u:a/b${CANARY}@db/x` } }));
  expect(text).not.toContain(CANARY);
  expect(text).toMatch(/store +"postgres:\/\/\*+@db\/x" +environment DATABASE_URL/);
  expect(text).toMatch(/port +3000 +default/);
});
