import { afterAll, expect, it } from "vitest";
import { buildApp, overHttp } from "./app.mjs";

const { client, gateway } = buildApp();
const messages = [{ role: "user", content: "Use get_weather for Oslo" }];
const tools = [
  {
    type: "function",
    function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];

afterAll(() => gateway.close());

it("chats, streams and calls tools in the process", async () => {
  const answer = await client.chat.completions.create({ model: "auto", messages, tools });
  expect(answer.choices[0].message.tool_calls[0].function.name).toBe("get_weather");
  const runner = client.chat.completions.stream({ model: "auto", messages });
  expect((await runner.finalChatCompletion()).choices[0].message.content).toContain("Oslo");
});

it("throws the client's own errors", async () => {
  const nobody = client.chat.completions.create({ model: "nobody", messages });
  await expect(nobody).rejects.toMatchObject({ status: 404, code: "model_not_found" });
});

it("does the same over HTTP", async () => {
  const { client: remote, serving } = await overHttp(gateway, { port: 0 });
  const answer = await remote.chat.completions.create({ model: "auto", messages });
  expect(answer.choices[0].message.content).toContain("Oslo");
  await serving.close();
});
