import { editBody } from "../body-edit.js";
import type { ChatData } from "../model-call.js";

/** Asks for the same in another manner; the user's own words stay as they are. */
const MANNER =
  "Work the task out from the beginning, one step at a time, and check each step before you give the final answer in the form that was asked for.";

/** The same chat in other words: models err differently when they are asked differently. */
export function reworded({ request, text, ...rest }: ChatData): ChatData {
  const messages = [{ role: "system" as const, content: MANNER }, ...request.messages];
  return { ...rest, request: { ...request, messages }, text: editBody(text, [["messages", JSON.stringify(messages)]]) };
}
