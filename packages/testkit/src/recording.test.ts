import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  collect,
  fakeProvider,
  parseRecording,
  type Recording,
  recordingReceiver,
  replay,
  type ScriptedUpstream,
  scriptedUpstream,
} from "./index.js";

const RECORDING: Recording = {
  vendor: "somebody",
  about: "Somebody counts to two.",
  request: { method: "POST", path: "/v1/chat/completions", body: null },
  response: {
    status: 201,
    headers: {
      "Content-Type": "text/event-stream",
      "Content-Length": "3",
      "x-two": ["a", "b"],
      connection: "close, x-hop",
      "x-hop": "1",
      "transfer-encoding": "chunked",
    },
    body: ["data: ä\n", "\ndata: 🚰\n\n"],
  },
};

let upstream: ScriptedUpstream;

beforeEach(async () => {
  upstream = await scriptedUpstream();
});

afterEach(() => upstream.close());

function ask(): Promise<Response> {
  return fetch(`${upstream.url}/v1/chat/completions`, { method: "POST", body: "{}" });
}

describe("replay", () => {
  it("plays status, headers and body, without what belonged to the connection", async () => {
    upstream.enqueue(replay(RECORDING));
    const response = await ask();
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-two")).toBe("a, b");
    expect(response.headers.get("x-hop")).toBeNull();
    expect(response.headers.get("transfer-encoding")).toBeNull();
    expect((await collect(response)).text).toBe(RECORDING.response.body.join(""));
  });

  it("counts the body anew, since a recorded length may be of the body before it was edited", async () => {
    upstream.enqueue(replay(RECORDING));
    const response = await ask();
    expect(response.headers.get("content-length")).toBe(`${(await collect(response)).bytes.length}`);
  });

  it("writes each part on its own", async () => {
    upstream.enqueue(replay(RECORDING));
    await (await ask()).text();
    const request = await upstream.nextRequest();
    await request.answered;
    expect(request.progress).toMatchObject({ steps: 3, complete: true });
  });

  it("is played as often as it is asked for", async () => {
    upstream.always(replay(RECORDING));
    expect(await (await ask()).text()).toBe(await (await ask()).text());
  });

  it("is a reply of a fake provider as well", async () => {
    const provider = fakeProvider({ chat: () => replay(RECORDING) });
    const receiver = recordingReceiver();
    provider.send(
      { operation: "chat", model: "m", stream: false, body: "{}", timeouts: {} } as Parameters<typeof provider.send>[0],
      receiver,
    );
    expect(await receiver.ended).toBe("end");
    expect(receiver.text).toBe(RECORDING.response.body.join(""));
  });
});

describe("parseRecording", () => {
  it("takes what JSON gives, and drops what it does not know", () => {
    const read: unknown = JSON.parse(JSON.stringify({ ...RECORDING, more: 1 }));
    expect(parseRecording(read)).toEqual(RECORDING);
  });

  it.each([
    ["recording", null],
    ["recording", []],
    ["recording.vendor", { ...RECORDING, vendor: "" }],
    ["recording.about", { ...RECORDING, about: 1 }],
    ["recording.request", { ...RECORDING, request: undefined }],
    ["recording.request.method", { ...RECORDING, request: { ...RECORDING.request, method: null } }],
    ["recording.request.path", { ...RECORDING, request: { ...RECORDING.request, path: 1 } }],
    ["recording.request.headers", { ...RECORDING, request: { ...RECORDING.request, headers: "x" } }],
    ["recording.response", { ...RECORDING, response: "x" }],
    ["recording.response.status", { ...RECORDING, response: { ...RECORDING.response, status: 99 } }],
    ["recording.response.headers.x", { ...RECORDING, response: { ...RECORDING.response, headers: { x: 1 } } }],
    ["recording.response.body", { ...RECORDING, response: { ...RECORDING.response, body: "text" } }],
  ])("names %s when that is wrong", (field, value) => {
    expect(() => parseRecording(value)).toThrow(TypeError);
    expect(() => parseRecording(value)).toThrow(`${field} must be`);
  });
});
