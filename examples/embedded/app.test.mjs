import { fakeProvider, gate } from "@sluice/testkit";
import { afterEach, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

let app;

/** The application on a provider that says what the test wants. */
function on(answers) {
  const provider = fakeProvider({ name: "fake", ...answers });
  const models = [{ id: "one", provider: "fake", apiModelName: "one", layer: "L0" }];
  app = buildApp({ providers: { fake: provider }, models, routing: { attempts: 1 } });
  return { provider, ...app };
}

afterEach(() => app.gateway.close());

it("makes headlines", async () => {
  const { headline, provider } = on({ chat: () => "Canal opened at last" });
  expect(await headline("The canal was opened on Sunday.")).toBe("Canal opened at last");
  expect(JSON.parse(provider.calls[0].body)).toMatchObject({ max_tokens: 40 });
});

it("makes do with the text's own words when no model answers", async () => {
  const { headline } = on({ fail: () => new Error("connect ECONNREFUSED") });
  expect(await headline("The canal was opened on Sunday, after years of work.")).toBe(
    "The canal was opened on Sunday, after years",
  );
});

it("stops the model when nobody listens any more", async () => {
  const { story, provider } = on({ stream: () => ["Once", " upon", gate(), " a time"] });
  let heard = "";
  for await (const words of story("a sluice")) {
    heard += words;
    if (heard === "Once upon") break;
  }
  await provider.idle();
  expect(heard).toBe("Once upon");
});
