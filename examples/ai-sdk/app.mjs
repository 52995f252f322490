import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Gateway } from "@sluice/core";

/** Vercel's AI SDK on a gateway in the same process; `model("auto")` is routed by layer. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);
  const model = createOpenAICompatible({
    name: "sluice",
    baseURL: "http://localhost/v1",
    includeUsage: true,
    supportsStructuredOutputs: true,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  });
  return { gateway, model };
}
