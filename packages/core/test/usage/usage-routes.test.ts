import { Gateway, type Identity } from "@sluice/core";
import { error, fakeProvider, openai } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RequestPage, RequestReceipt, UsageReport } from "../../src/schemas/usage-view.js";

const ASK = { model: "small", messages: [{ role: "user", content: "Hello!" }] };

let gateway: Gateway;
let caller: Identity;

const KEY: Identity = { id: "key-1", kind: "key", role: "client", userId: "ann" };
const VIEWER: Identity = { id: "vic", kind: "user", role: "viewer" };

beforeEach(() => {
  caller = KEY;
  const flaky = fakeProvider({ name: "flaky", chat: () => error(503, {}), stream: () => error(503, {}) });
  const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
  const sound = fakeProvider({
    name: "sound",
    chat: () => openai.completion({ usage }),
    stream: () => openai.stream(["Hi", " there"], { usage }),
  });
  gateway = new Gateway({
    providers: { flaky, sound },
    layers: { L3: { enabled: true } },
    models: [
      { id: "shaky", provider: "flaky", apiModelName: "s", layer: "L1", price: { inputPerMTok: 1, outputPerMTok: 1 } },
      { id: "small", provider: "sound", apiModelName: "m", layer: "L1", price: { inputPerMTok: 1, outputPerMTok: 5 } },
      {
        id: "large",
        provider: "sound",
        apiModelName: "l",
        layer: "L3",
        price: { inputPerMTok: 10, outputPerMTok: 50 },
      },
      { id: "odd", provider: "sound", apiModelName: "o", layer: "L1" },
    ],
    identify: () => caller,
  });
});

afterEach(() => gateway.close());

function post(body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify({ ...ASK, ...body }) };
  return gateway.fetch(new Request("http://localhost/v1/chat/completions", init));
}

async function get(path: string): Promise<Response> {
  return gateway.fetch(new Request(`http://localhost${path}`));
}

async function idOf(answer: Response): Promise<string> {
  await answer.text();
  return answer.headers.get("x-sluice-request-id") ?? "";
}

const PRICED = { costUsd: 0.00015, estimatedCostUsd: null };

describe("a request's receipt", () => {
  it("stands in the answer where it was asked for, and its cost in a header", async () => {
    const plain = await post({});
    expect(plain.headers.get("x-sluice-cost-usd")).toBe("0.00015");
    expect(await plain.json()).not.toHaveProperty("sluice");
    const { sluice } = (await (await post({ sluice: { receipt: true } })).json()) as { sluice: { receipt: unknown } };
    const receipt = RequestReceipt.parse(sluice.receipt);
    expect(receipt).toMatchObject({
      ...PRICED,
      key: "key-1",
      user: "ann",
      status: "finished",
      model: "small",
      layers: ["L1"],
      alwaysStrongest: { model: "large", costUsd: 0.0015, savedUsd: 0.00135 },
      calls: [{ attempt: 1, role: "answer", costSource: "price", usage: { input: 100, output: 10 } }],
    });
    expect(receipt.calls[0]?.price).toMatchObject({ inputPerMTok: 1, outputPerMTok: 5 });
  });

  it("stands in the usage chunk of a stream", async () => {
    const text = await (await post({ stream: true, sluice: { receipt: true } })).text();
    const chunk = text.split("\n\n").find((event) => event.includes('"prompt_tokens"')) ?? "";
    const { sluice, usage } = JSON.parse(chunk.slice("data: ".length));
    expect(usage.prompt_tokens).toBe(100);
    expect(RequestReceipt.parse(sluice.receipt)).toMatchObject({
      ...PRICED,
      stream: true,
      calls: [{ status: "finished" }],
    });
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("can be read later, with the calls that failed", async () => {
    const id = await idOf(await post({ model: "shaky", sluice: { fallbacks: ["large"] } }));
    const receipt = RequestReceipt.parse(await (await get(`/v1/requests/${id}`)).json());
    expect(receipt).toMatchObject({ id, model: "large", provider: "sound", layers: ["L1", "L3"] });
    expect(receipt.calls.map(({ status, costUsd }) => [status, costUsd])).toEqual([
      ["failed", 0],
      ["finished", 0.0015],
    ]);
    expect(receipt.alwaysStrongest?.savedUsd).toBe(0);
    expect(await gateway.usage.request(id)).toEqual(receipt);
  });

  it("says that a cost is unknown, never that it is nothing", async () => {
    const answer = await post({ model: "odd" });
    expect(answer.headers.get("x-sluice-cost-usd")).toBe("unknown");
    const receipt = await gateway.usage.request(await idOf(answer));
    expect(receipt).toMatchObject({ costUsd: null, estimatedCostUsd: null, calls: [{ price: null, costUsd: null }] });
  });

  it("is nobody else's: another client gets 404, a viewer sees it", async () => {
    const id = await idOf(await post({}));
    caller = { ...KEY, id: "key-2" };
    const foreign = await get(`/v1/requests/${id}`);
    expect([foreign.status, (await get("/v1/requests/req_none")).status]).toEqual([404, 404]);
    caller = VIEWER;
    expect((await get(`/v1/requests/${id}`)).status).toBe(200);
  });
});

describe("GET /v1/requests", () => {
  it("lists a client's own, newest first, page by page", async () => {
    const ids: string[] = [];
    for (const model of ["small", "large", "small"]) ids.push(await idOf(await post({ model })));
    caller = { ...KEY, id: "key-2" };
    await idOf(await post({}));
    caller = KEY;
    const first = RequestPage.parse(await (await get("/v1/requests?limit=2")).json());
    const second = RequestPage.parse(await (await get(`/v1/requests?limit=2&before=${first.nextCursor}`)).json());
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids.reverse());
    expect(second.nextCursor).toBeNull();
    caller = VIEWER;
    expect((await gateway.usage.requests()).data).toHaveLength(4);
    expect(RequestPage.parse(await (await get("/v1/requests?key=key-2")).json()).data).toHaveLength(1);
    expect(RequestPage.parse(await (await get("/v1/requests?to=2000-01-01")).json()).data).toEqual([]);
  });
});

describe("GET /v1/usage", () => {
  it("sums by what is asked for, a client's own only", async () => {
    await idOf(await post({ sluice: { tags: ["a", "b"] } }));
    await idOf(await post({ model: "odd" }));
    caller = { ...KEY, id: "key-2" };
    await idOf(await post({}));
    caller = KEY;
    const byModel = UsageReport.parse(await (await get("/v1/usage?groupBy=model")).json());
    expect(byModel.data.map(({ group, calls, costUsd }) => [group.model, calls, costUsd])).toEqual([
      ["odd", 1, 0],
      ["small", 1, 0.00015],
    ]);
    expect(byModel.total).toMatchObject({ requests: 2, calls: 2, unknownCosts: 1, costUsd: 0.00015 });
    const byTag = UsageReport.parse(await (await get("/v1/usage?groupBy=tag,layer")).json());
    expect(byTag.data.map(({ group }) => group)).toEqual([
      { tag: "a", layer: "L1" },
      { tag: "b", layer: "L1" },
    ]);
    expect(byTag.total.calls).toBe(2);
    caller = VIEWER;
    expect((await gateway.usage.totals({ groupBy: ["key"] })).data.map(({ group }) => group.key)).toEqual([
      "key-1",
      "key-2",
    ]);
  });

  it("exports CSV that spreadsheets take for text", async () => {
    await idOf(await post({ sluice: { tags: ['=1+1,"x"'] } }));
    const answer = await get("/v1/usage?groupBy=tag&format=csv");
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect((await answer.text()).split("\r\n")).toEqual([
      "tag,requests,calls,failed,unknownCosts,input,cacheRead,cacheWrite5m,cacheWrite1h,output,reasoning,costUsd,estimatedCostUsd",
      `"'=1+1,""x""",1,1,0,0,100,0,0,0,10,0,0.00015,0`,
      "",
    ]);
  });

  it.each([
    ["/v1/usage?groupBy=colour", "groupBy"],
    ["/v1/usage?from=yesterday", "from"],
    ["/v1/usage?from=2026-02-01&to=2026-01-01", "from"],
    ["/v1/usage?format=xml", "format"],
    ["/v1/requests?limit=0", "limit"],
    ["/v1/requests?limit=many", "limit"],
    ["/v1/requests?from=1", "from"],
  ])("refuses %s and names the parameter", async (path, name) => {
    const answer = await get(path);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { details: string }).details).toMatch(new RegExp(`^${name}`));
  });
});
