import { Gateway } from "@sluice/core";
import { serve } from "@sluice/node";
import OpenAI from "openai";

/** OpenAI's own client on a gateway in the same process: no port, no key, every call routed. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);
  const client = new OpenAI({
    apiKey: "unused",
    baseURL: "http://localhost/v1",
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  });
  return { client, gateway };
}

/** The same client on a gateway behind a port, as other programs would use it. */
export async function overHttp(gateway, { port = 3000 } = {}) {
  const serving = await serve(gateway, { port });
  return { client: new OpenAI({ apiKey: "unused", baseURL: `${serving.url}/v1` }), serving };
}
