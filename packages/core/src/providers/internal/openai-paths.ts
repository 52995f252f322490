import { OPERATIONS, type Operation } from "../../schemas/operation.js";

/** Paths of OpenAI's API below its base: `audio.speech` is at `/audio/speech`. */
export const OPENAI_PATHS: OperationPaths = {
  ...Object.fromEntries(OPERATIONS.map((operation) => [operation, `/${operation.replace(".", "/")}`])),
  chat: "/chat/completions",
};

/** Where an API takes each operation it has. */
export type OperationPaths = { readonly [Each in Operation]?: string };
