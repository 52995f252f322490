import { getRequestListener } from "@hono/node-server";
import { listen } from "@sluice/testkit/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const { app, gateway } = buildApp();
let mounted;

beforeAll(async () => {
  mounted = await listen(getRequestListener(app.fetch));
});

afterAll(async () => {
  await mounted.close();
  await gateway.close();
});

const ASK = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ stream: true, messages: [{ role: "user", content: "Hello!" }] }),
};

it("streams over a socket and leaves the rest to the application", async () => {
  const answer = await fetch(`${mounted.base}/ai/v1/chat/completions`, ASK);
  expect((await answer.text()).endsWith("data: [DONE]\n\n")).toBe(true);
  expect(await (await fetch(`${mounted.base}/`)).text()).toBe("my own page\n");
  expect((await fetch(`${mounted.base}/ai/nowhere`)).status).toBe(404);
});

it("answers without any socket too", async () => {
  const answer = await app.request("http://localhost/ai/v1/chat/completions", ASK);
  expect(answer.status).toBe(200);
});
