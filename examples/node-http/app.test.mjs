import { afterAll, beforeAll, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const { gateway, server } = buildApp();
let base = "";

beforeAll(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://localhost:${server.address().port}`;
});

afterAll(async () => {
  server.close();
  await gateway.close();
});

it("answers chats below the prefix and leaves the rest to the application", async () => {
  const answer = await fetch(`${base}/ai/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello!" }] }),
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ object: "chat.completion" });
  expect(await (await fetch(`${base}/`)).text()).toBe("my own page\n");
  expect((await fetch(`${base}/ai/nope`)).status).toBe(404);
});
