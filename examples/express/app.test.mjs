import { listen } from "@sluice/testkit/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const { app, gateway } = buildApp();
let mounted;

beforeAll(async () => {
  mounted = await listen(app);
});

afterAll(async () => {
  await mounted.close();
  await gateway.close();
});

function ask(headers) {
  return fetch(`${mounted.base}/ai/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello!" }] }),
  });
}

it("answers the people the application knows, and leaves its own page alone", async () => {
  expect(await (await ask({ "x-user": "alice" })).json()).toMatchObject({ object: "chat.completion" });
  expect((await ask({})).status).toBe(401);
  expect(await (await fetch(`${mounted.base}/`)).text()).toBe("my own page\n");
});
