import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collect, decodeSse, type SseFraming, sse, sseJson } from "./index.js";

describe("decodeSse", () => {
  it("follows the standard's own examples", () => {
    expect(decodeSse("data: YHOO\ndata: +2\ndata: 10\n\n").map(({ data }) => data)).toEqual(["YHOO\n+2\n10"]);
    expect(
      decodeSse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"),
    ).toEqual([
      { event: "message", data: "first event", id: "1" },
      { event: "message", data: "second event", id: "" },
      { event: "message", data: " third event", id: "" },
    ]);
    expect(decodeSse("data\n\ndata\ndata\n\ndata:").map(({ data }) => data)).toEqual(["", "\n"]);
  });

  it("reads every framing that the builder writes", () => {
    const framing: fc.Arbitrary<SseFraming> = fc.record(
      {
        lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
        space: fc.boolean(),
        bom: fc.boolean(),
        comments: fc.array(fc.constantFrom("", "OPENROUTER PROCESSING", "data: no")),
        commentBetween: fc.constant("ping"),
        ids: fc.boolean(),
        retryMs: fc.nat(),
        splitData: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(framing, fc.array(fc.jsonValue()), (how, values) => {
        const { steps } = sse(
          values.map((value) => ({ data: JSON.parse(JSON.stringify({ value })) })),
          how,
        );
        const bytes = Buffer.concat([...steps].flatMap((step) => (step.kind === "bytes" ? [step.bytes] : [])));
        expect(sseJson(bytes)).toEqual(JSON.parse(JSON.stringify(values.map((value) => ({ value })))));
      }),
    );
  });
});

describe("collect", () => {
  it("reads any kind of body", async () => {
    expect((await collect(new Response("abc"))).text).toBe("abc");
    expect((await collect(["a", Buffer.from("b")])).chunks).toHaveLength(2);
    const failure = new Error("gone");
    const { text, error } = await collect({
      pipe(sink) {
        sink.write("a");
        sink.fail?.(failure as Parameters<NonNullable<typeof sink.fail>>[0]); // any error shows the path
        return { drain() {} };
      },
    });
    expect(text).toBe("a");
    expect(error).toBe(failure);
  });
});
