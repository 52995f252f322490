import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editBody } from "./body-edit.js";

describe("editBody", () => {
  it("replaces a value and leaves every other byte alone", () => {
    const text = '{ "model" : "auto",\n\t"messages": [{"role":"user","content":"a \\"model\\": b"}], "x":1.50 }';
    expect(editBody(text, [["model", '"m"']])).toBe(text.replace('"auto"', '"m"'));
  });

  it.each([
    ['{"sluice":{"layer":"L1"},"model":"a"}', '{"model":"a"}'],
    ['{"model":"a","sluice":{}}', '{"model":"a"}'],
    ['{"model":"a", "sluice":{} , "n":1}', '{"model":"a" , "n":1}'],
    ['{"sluice":1}', "{}"],
    ['{"sluice":1,"sluice":2,"a":3}', '{"a":3}'],
  ])("removes a member from %s", (text, expected) => {
    expect(editBody(text, [["sluice", null]])).toBe(expected);
  });

  it("adds what is missing", () => {
    expect(editBody("{}", [["model", '"m"']])).toBe('{"model":"m"}');
    expect(editBody('{"a":1}', [["model", '"m"']])).toBe('{"a":1,"model":"m"}');
  });

  it("lets the last of two equal keys count, however the key is spelled", () => {
    expect(editBody('{"model":"a","mod\\u0065l":"b"}', [["model", '"m"']])).toBe('{"mod\\u0065l":"m"}');
  });

  it("agrees with JSON.parse on any object, with any white space", () => {
    const key = fc.oneof(fc.constantFrom("model", "sluice", "stream_options", "a\\b", 'q"'), fc.string());
    const members = fc.array(fc.tuple(key, fc.jsonValue(), fc.constantFrom("", " ", "\n\t", "  \r\n")), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(members, (list) => {
        const text = `${list[0]?.[2] ?? ""}{${list
          .map(
            ([name, value, space]) =>
              `${space}${JSON.stringify(name)}${space}:${space}${JSON.stringify(value)}${space}`,
          )
          .join(",")}}`;
        const edited = JSON.parse(
          editBody(text, [
            ["model", '"m"'],
            ["sluice", null],
            ["stream_options", '{"include_usage":true}'],
          ]),
        );
        const expected = JSON.parse(text);
        delete expected.sluice;
        Object.defineProperty(expected, "model", { value: "m", enumerable: true, configurable: true, writable: true });
        expected.stream_options = { include_usage: true };
        expect(edited).toEqual(expected);
      }),
    );
  });
});
