import { describe, expect, it } from "vitest";
import { finalAnswer } from "./final-answer.js";

describe("the final answer of a text", () => {
  it.each([
    ['{"reasoning": "3 * 5 = 15", "answer": "15"}', "N:15"],
    ['```json\n{"reasoning": "cut off", "answer": 1,250}\n```', "N:1250"],
    ['{"answer": "\\boxed{7}"}', "N:7"],
    ["So we get \\boxed{12} apples, not 13.", "N:12"],
    ["\\boxed{\\text{12 apples}}", "N:12"],
    ["\\boxed{\\frac{1}{2}}", "T:\\frac{1}{2}"],
    ["first \\boxed{1}, then \\boxed{2}", "N:2"],
    ["3 + 4 = <<3+4=7>>7\n#### 7\n\n", "N:7"],
    ["The final answer is: **$1,234.50**.", "N:1234.5"],
    ["the answer is 3%.\nHope that helps!", "N:3"],
    ["(B) disagreements", "L:B"],
    ["b.", "L:B"],
    ["The correct answer is (C).", "L:C"],
    ["Answer: C. because of the rain", "L:C"],
    ["The answer is Paris", "T:Paris"],
    ['"Paris".', "T:Paris"],
    ["paris", "T:paris"],
    ["assert f(3) == [1, 2]", "T:[1,2]"],
    ["['a', 'b']", 'T:["a","b"]'],
    ["True", "T:true"],
    ["−5", "N:-5"],
    ["0.3333333333", "N:0.333333"],
    ["She paid 12 for the first.\nTherefore, she has 28 dollars left.", "N:28"],
  ])("%j is %s", (text, expected) => {
    expect(finalAnswer(text)).toBe(expected);
  });

  it.each([
    [""],
    ["Once upon a time there were 3 little pigs who lived in a house of straw, until the wolf came by at 7 o'clock."],
    [`${"A long letter. ".repeat(20)}\nWith kind regards,\nyour neighbour at number 12`],
    [`The answer is ${"a very long explanation of everything that could be said about it ".repeat(5)}`],
  ])("free text has none: %j", (text) => {
    expect(finalAnswer(text)).toBeNull();
  });

  it("takes answers of different kinds for different ones", () => {
    expect(finalAnswer("\\boxed{B}")).not.toBe(finalAnswer("\\boxed{2}"));
  });
});
