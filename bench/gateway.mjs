/** The gateway as an application would mount it, on the built packages. */
import { Gateway } from "../packages/core/dist/index.js";
import { serve } from "../packages/node/dist/index.js";
import { becomeTarget } from "./process/target.mjs";

const [, , upstream] = process.argv;
const gateway = new Gateway({
  mode: "development",
  limits: { perIp: null },
  providers: { openai: { apiKey: "bench", baseUrl: `${upstream}/v1` } },
  models: [{ id: "bench-model", provider: "openai", apiModelName: "gpt-bench", layer: "L0" }],
});
const { url } = await serve(gateway, { host: "127.0.0.1", port: 0 });
becomeTarget(url);
