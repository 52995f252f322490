import { fakeProvider } from "@sluice/testkit";
import { expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const messages = [{ role: "user", content: "around it turns" }];

it("answers whole and as a stream, routed and metered like any other", async () => {
  const { gateway } = buildApp();
  const metered = new Promise((resolve) => gateway.once("response", resolve));
  const answer = await gateway.chat({ messages });
  expect(answer.choices[0].message.content).toBe("turns it around");
  expect(await metered).toMatchObject({ provider: "mine", model: "reverse", usage: { input: 3, output: 3 } });
  let streamed = "";
  for await (const chunk of gateway.stream({ messages })) streamed += chunk.choices[0]?.delta.content ?? "";
  expect(streamed).toBe("turns it around");
  await gateway.close();
});

it("gives way to others when it is switched off", async () => {
  const other = fakeProvider({ chat: () => "from another" });
  const { gateway } = buildApp({
    providers: { fake: other },
    models: [{ id: "other", provider: "fake", apiModelName: "x", layer: "L0" }],
  });
  await gateway.models.update("reverse", { enabled: false });
  expect((await gateway.chat({ messages })).choices[0].message.content).toBe("from another");
  await gateway.close();
});
