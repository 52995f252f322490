import { listen } from "@sluice/testkit/contracts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { buildApp } from "./app.mjs";

const log = vi.fn();
const { app, gateway } = buildApp({ log });
let mounted;

beforeAll(async () => {
  mounted = await listen(app.callback());
});

afterAll(async () => {
  await mounted.close();
  await gateway.close();
});

it("streams below the prefix, logs when the stream has ended, and leaves the rest alone", async () => {
  const answer = await fetch(`${mounted.base}/ai/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ stream: true, messages: [{ role: "user", content: "Hello!" }] }),
  });
  expect((await answer.text()).endsWith("data: [DONE]\n\n")).toBe(true);
  await vi.waitFor(() => expect(log).toHaveBeenCalledOnce());
  expect(log.mock.calls[0][0]).toMatch(/^POST \/ai\/v1\/chat\/completions 200 \d+ ms$/);
  expect(await (await fetch(`${mounted.base}/`)).text()).toBe("my own page\n");
});
