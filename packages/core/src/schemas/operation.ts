import { z } from "zod";
import { named } from "./registry.js";

/** What a model can be asked to do; each is one endpoint of OpenAI's API, reranking one of many who followed it. */
export const OPERATIONS = [
  "chat",
  "completions",
  "embeddings",
  "moderations",
  "rerank",
  "images.generations",
  "images.edits",
  "images.variations",
  "audio.speech",
  "audio.transcriptions",
  "audio.translations",
] as const;

export const Operation = named("Operation", z.enum(OPERATIONS).describe("What a model can be asked to do."));

/** What a model can be asked to do. */
export type Operation = z.infer<typeof Operation>;
