import type { Judge } from "../../spec/judge.js";
import { finalAnswer } from "./final-answer.js";

/**
 * Accepts when every answer arrives at the same final answer. Where one of them has none, as in free text, nothing can be
 * said: how alike two texts look tells nothing about which is right.
 */
export const agreement: Judge = {
  name: "agreement",
  judge({ answers, incomparable = "there is no second answer" }) {
    if (answers.length < 2) return { outcome: "unknown", reason: incomparable };
    const finals = answers.map(({ text }) => finalAnswer(text));
    if (finals.includes(null)) return { outcome: "unknown", reason: "no final answer to compare" };
    return new Set(finals).size === 1
      ? { outcome: "accept", score: 1, reason: "agree" }
      : { outcome: "reject", score: 0, reason: "disagree" };
  },
};
