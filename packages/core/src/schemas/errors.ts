import { z } from "zod";
import { named } from "./registry.js";

export const ErrorBody = named(
  "Error",
  z.object({
    error: z.string().describe("What went wrong."),
    details: z.string().optional().describe("Why, and what to do next."),
  }),
);

export const OpenaiErrorBody = named(
  "OpenAIError",
  z
    .object({
      error: z.object({
        message: z.string(),
        type: z.string(),
        param: z.string().nullable(),
        code: z.string(),
      }),
    })
    .describe("The shape OpenAI's client libraries read; they get it on the OpenAI-compatible routes."),
);
