import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_EVENT_BYTES, SseSplitter } from "./sse-splitter.js";

function split(chunks: readonly Buffer[]): { raw: Buffer; data: (string | null)[]; events: string[] } {
  const splitter = new SseSplitter();
  const raw: Buffer[] = [];
  const data: (string | null)[] = [];
  const events: string[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk, (event) => {
      raw.push(event.raw);
      if (event.data !== null) {
        data.push(event.data);
        events.push(event.event);
      }
    });
  }
  return { raw: Buffer.concat(raw), data, events };
}

describe("SseSplitter", () => {
  const stream = [
    ": hello",
    "",
    "event: delta",
    "data:one",
    "id: 7",
    "",
    "data: zwei €🚰",
    "data: drei",
    "retry: 5",
    "",
    "data",
    "",
    "",
  ];

  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("reads %s line ends", (_name, end) => {
    const bytes = Buffer.from(stream.join(end));
    expect(split([bytes])).toEqual({ raw: bytes, data: ["one", "zwei €🚰\ndrei", ""], events: ["delta", "", ""] });
  });

  it("ignores a byte order mark", () => {
    expect(split([Buffer.from("\uFEFFdata: x\n\n")]).data).toEqual(["x"]);
  });

  it("reads the same however the bytes are cut, inside a code point too", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat({ max: 200 }), { maxLength: 20 }),
        (end, cuts) => {
          const bytes = Buffer.from(stream.join(end));
          const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
          const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
          const { data, raw } = split(chunks);
          expect(data).toEqual(["one", "zwei €🚰\ndrei", ""]);
          // A CR at the end of a read closes its event; the LF of a CRLF then leads the next one.
          expect(bytes.subarray(0, raw.length)).toEqual(raw);
          expect(bytes.length - raw.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it.each([
    ["data: [DONE]", "data: [DONE]\n\n"],
    ["data: [DONE]\n", "data: [DONE]\n\n"],
    ["data: [DONE]\r\n", "data: [DONE]\r\n\n"],
  ])("gives back what is left without its blank line (%j)", (left, whole) => {
    const splitter = new SseSplitter();
    splitter.push(Buffer.from(`data: one\n\n${left.slice(0, 5)}`), () => {});
    splitter.push(Buffer.from(left.slice(5)), () => {});
    expect(splitter.rest()?.raw.toString()).toBe(whole);
    expect(splitter.rest()?.data).toBe("[DONE]");
    splitter.push(Buffer.from("\n\n"), () => {});
    expect(splitter.rest()).toBeNull();
  });

  it("refuses an event without end", () => {
    const splitter = new SseSplitter();
    const megabyte = Buffer.alloc(MAX_EVENT_BYTES, 0x61);
    splitter.push(megabyte, () => {});
    expect(() => splitter.push(Buffer.from("a"), () => {})).toThrow(/more than/);
  });
});
