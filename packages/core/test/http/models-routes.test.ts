import { beforeEach, describe, expect, it } from "vitest";
import { type Call, callable } from "./call.js";

const NEW_MODEL = {
  id: "my-custom-model",
  provider: "openrouter",
  apiModelName: "openai/gpt-4",
  layer: "L2",
  enabled: true,
  priority: 0,
  relativeCost: 1.0,
};

let call: Call;
beforeEach(() => {
  ({ call } = callable());
});

function ids({ body }: { readonly body: unknown }): readonly string[] {
  return (body as { data: { id: string }[] }).data.map(({ id }) => id); // the schema has been checked
}

describe("GET /v1/models", () => {
  it("lists the documented fields first, and those OpenAI libraries look for", async () => {
    const { status, body, headers } = await call("GET /v1/models");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({
      object: "list",
      data: expect.arrayContaining([
        expect.objectContaining({
          id: "openrouter-qwen-qwen3-235b-a22b:free",
          provider: "openrouter",
          apiModelName: "qwen/qwen3-235b-a22b:free",
          layer: "L0",
          enabled: true,
          priority: 0,
          object: "model",
          created: expect.any(Number),
          owned_by: "openrouter",
        }),
      ]),
    });
  });

  it("answers HEAD without a body and with the same headers", async () => {
    const { status, headers, body } = await call("HEAD /v1/models");
    expect([status, headers.get("content-type"), body]).toEqual([200, "application/json; charset=utf-8", ""]);
  });
});

describe("GET /v1/models/layers", () => {
  it("shows the four layers with models that do not repeat theirs", async () => {
    const { status, body } = await call("GET /v1/models/layers");
    expect(status).toBe(200);
    const { layers } = body as { layers: Record<string, { enabled: boolean; models: object[]; providers: string[] }> };
    expect(Object.keys(layers)).toEqual(["L0", "L1", "L2", "L3"]);
    expect(layers.L0).toMatchObject({ enabled: true, providers: expect.arrayContaining(["openrouter"]) });
    expect(layers.L0?.models[0]).not.toHaveProperty("layer");
    expect(layers.L1?.enabled).toBe(false);
  });
});

describe("what a key sees of the catalogue", () => {
  const seen = async (rights: { models?: string[]; layers?: "L0"[] }) => {
    const { gateway, call: ask } = callable({ mode: "production" });
    const { secret } = await gateway.keys.create(rights);
    const headers = { authorization: `Bearer ${secret}` };
    const get = (path: string) => ask(`GET ${path}`, { headers });
    const { layers } = (await get("/v1/models/layers")).body as {
      layers: Record<string, { models: { id: string }[] }>;
    };
    const inLayers = Object.values(layers).flatMap(({ models }) => models.map(({ id }) => id));
    return { get, listed: ids(await get("/v1/models")), inLayers };
  };

  it("is what it may use: its models", async () => {
    const { get, listed, inLayers } = await seen({ models: ["simulator", "unheard-of"] });
    expect([listed, inLayers]).toEqual([["simulator"], ["simulator"]]);
    expect((await get("/v1/models/simulator")).status).toBe(200);
    const [hidden, missing] = [
      await get("/v1/models/openrouter-llama-3.3-70b-free"),
      await get("/v1/models/unheard-of"),
    ];
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(hidden.body).toMatchObject({ error: "Model not found" });
  });

  it("is what it may use: the models of its layers", async () => {
    const { listed } = await seen({ layers: ["L0"] });
    const { gateway } = callable();
    const free = (await gateway.models.list()).filter(({ layer }) => layer === "L0").map(({ id }) => id);
    expect(listed).toEqual(free);
    expect((await seen({})).listed.length).toBeGreaterThan(free.length);
  });
});

describe("POST /v1/models", () => {
  it("adds the documented model and answers it bare", async () => {
    const { status, body } = await call("POST /v1/models", { json: NEW_MODEL });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...NEW_MODEL, object: "model", owned_by: "openrouter" });
    expect(ids(await call("GET /v1/models"))).toContain("my-custom-model");
  });

  it("fills in what is left out", async () => {
    const { id, provider, apiModelName, layer } = NEW_MODEL;
    const { body } = await call("POST /v1/models", { json: { id, provider, apiModelName, layer } });
    expect(body).toMatchObject({ enabled: true, priority: 0, relativeCost: null });
  });

  it.each([
    [409, "the same id again", {}],
    [400, "an unknown provider", { id: "b", provider: "nobody" }],
    [400, "an unknown layer", { id: "b", layer: "L4" }],
    [400, "a priority in words", { id: "b", priority: "high" }],
    [400, "the id layers", { id: "layers" }],
    [400, "the id auto", { id: "auto" }],
    [400, "an empty id", { id: "" }],
    [400, "an id with a control character", { id: "a\u0000b" }],
    [400, "an id of another type", { id: 7 }],
    [400, "no apiModelName", { id: "b", apiModelName: undefined }],
  ])("answers %d to %s, and adds nothing", async (expected, _what, change) => {
    await call("POST /v1/models", { json: NEW_MODEL });
    const before = ids(await call("GET /v1/models"));
    const { status, body } = await call("POST /v1/models", { json: { ...NEW_MODEL, ...change } });
    expect(status).toBe(expected);
    expect(body).toMatchObject({ error: expect.any(String), details: expect.any(String) });
    expect(ids(await call("GET /v1/models"))).toEqual(before);
  });

  it("ignores keys it does not know", async () => {
    const { status, body } = await call("POST /v1/models", { json: { ...NEW_MODEL, colour: "red" } });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("colour");
  });

  it.each([
    ["", 400],
    ["{", 400],
    ["[]", 400],
    ["7", 400],
    ['{"id":"a",}', 400],
    ['{"__proto__":{"admin":true}}', 400],
  ])("answers the body %j with %d", async (text, expected) => {
    expect((await call("POST /v1/models", { text })).status).toBe(expected);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json\ta",
  ])("answers a body of %s with 415", async (type) => {
    const headers = { "content-type": type };
    expect((await call("POST /v1/models", { json: NEW_MODEL, headers })).status).toBe(415);
  });

  it("answers a body over its cap with 413", async () => {
    const json = { ...NEW_MODEL, apiModelName: "x".repeat(70_000) };
    expect((await call("POST /v1/models", { json })).status).toBe(413);
  });
});

describe("one model", () => {
  beforeEach(async () => {
    await call("POST /v1/models", { json: { ...NEW_MODEL, id: "org/model:v1.5" } });
  });

  it.each(["org/model:v1.5", "org%2Fmodel%3Av1.5", "org/model%3Av1%2E5"])("is found at %s", async (id) => {
    const { status, body } = await call(`GET /v1/models/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "org/model:v1.5", object: "model" });
  });

  it("changes in what is given", async () => {
    const { status, body } = await call("PUT /v1/models/org/model:v1.5", { json: { enabled: false, priority: 5 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...NEW_MODEL, id: "org/model:v1.5", enabled: false, priority: 5 });
  });

  it("may be told its own id", async () => {
    const { status } = await call("PUT /v1/models/org/model:v1.5", { json: { id: "org/model:v1.5", priority: 1 } });
    expect(status).toBe(200);
  });

  it.each([
    ["another id", { id: "other" }],
    ["an unknown provider", { provider: "nobody" }],
    ["an unknown layer", { layer: "L9" }],
    ["a word for a switch", { enabled: "yes" }],
    ["half a priority", { priority: 0.5 }],
    ["a negative cost", { relativeCost: -1 }],
    ["null for a layer", { layer: null }],
  ])("is left alone by %s (400)", async (_what, patch) => {
    const before = await call("GET /v1/models/org/model:v1.5");
    const { status } = await call("PUT /v1/models/org/model:v1.5", { json: { priority: 9, ...patch } });
    expect(status).toBe(400);
    expect((await call("GET /v1/models/org/model:v1.5")).body).toEqual(before.body);
  });

  it("goes away once", async () => {
    const { status, body } = await call("DELETE /v1/models/org%2Fmodel:v1.5");
    expect([status, body]).toEqual([200, { id: "org/model:v1.5", deleted: true }]);
    expect((await call("GET /v1/models/org/model:v1.5")).status).toBe(404);
    expect((await call("DELETE /v1/models/org/model:v1.5")).status).toBe(404);
  });
});

describe("a model that is not there", () => {
  it.each(["GET", "DELETE"])("%s answers 404 and names it", async (method) => {
    const { status, body } = await call(`${method} /v1/models/nope`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: "Model not found", details: expect.stringContaining("nope") });
  });

  it("PUT answers 404", async () => {
    expect((await call("PUT /v1/models/nope", { json: { priority: 1 } })).status).toBe(404);
  });

  it.each(["GET", "DELETE"])("%s with a bad escape, NUL or control character answers 400", async (method) => {
    for (const id of ["%zz", "a%00b", "%0a", "%C3"]) {
      expect((await call(`${method} /v1/models/${id}`)).status).toBe(400);
    }
  });
});

describe("the id layers", () => {
  it("is no model", async () => {
    expect((await call("PUT /v1/models/layers", { json: { priority: 1 } })).status).toBe(400);
    expect((await call("DELETE /v1/models/layers")).status).toBe(400);
    expect((await call("GET /v1/models/%6Cayers")).status).toBe(400);
  });
});

describe("rights in production", () => {
  const as = (role: "client" | "viewer" | "operator") =>
    callable({ mode: "production", identify: () => ({ id: "somebody", role }) }).call;

  it("asks a credential", async () => {
    const { status, headers } = await callable({ mode: "production" }).call("GET /v1/models");
    expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  });

  it("lets a client read, and an operator write", async () => {
    expect((await as("client")("GET /v1/models")).status).toBe(200);
    expect((await as("viewer")("POST /v1/models", { json: NEW_MODEL })).status).toBe(403);
    expect((await as("operator")("POST /v1/models", { json: NEW_MODEL })).status).toBe(201);
  });
});

describe("errors for OpenAI's libraries", () => {
  it("come in their shape on reading, never on managing", async () => {
    const headers = { "x-stainless-lang": "js" };
    const { gateway } = callable();
    const read = await gateway.fetch(new Request("http://localhost/v1/models/nope", { headers }));
    expect(await read.json()).toMatchObject({ error: { code: "model_not_found", type: "invalid_request_error" } });
    const managed = await gateway.fetch(new Request("http://localhost/v1/models/nope", { method: "DELETE", headers }));
    expect(await managed.json()).toMatchObject({ error: "Model not found" });
  });
});
