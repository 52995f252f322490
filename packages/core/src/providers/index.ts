import { anthropic } from "./anthropic.js";
import { openai } from "./openai.js";
import { openaiCompatible } from "./openai-compatible.js";
import { openrouter } from "./openrouter.js";
import { ossLocal } from "./oss-local.js";
import { simulator } from "./simulator.js";

/** Every built-in provider, by the `type` that names it in the configuration. Generated from this folder's files. */
export const providerFactories = {
  anthropic,
  openai,
  "openai-compatible": openaiCompatible,
  openrouter,
  "oss-local": ossLocal,
  simulator,
};
