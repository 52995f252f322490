import { describe, expect, it } from "vitest";
import { StoredModel } from "../schemas/model.js";
import { discoveredModels } from "./discovered.js";

const source = { provider: "oss-local", created: 7 };
const idsOf = (...names: string[]) =>
  discoveredModels(
    names.map((apiModelName) => ({ apiModelName })),
    source,
  ).map(({ id }) => id);

describe("discoveredModels", () => {
  it("puts a found model on L0 at no cost", () => {
    const [model] = discoveredModels([{ apiModelName: "llama3.2:3b", contextWindow: 4096 }], source);
    expect(model).toMatchObject({
      id: "oss-local-llama3.2:3b",
      provider: "oss-local",
      apiModelName: "llama3.2:3b",
      layer: "L0",
      enabled: true,
      contextWindow: 4096,
      price: { inputPerMTok: 0, outputPerMTok: 0 },
      created: 7,
    });
    expect(StoredModel.parse(model)).toEqual(model);
  });

  it.each([0, -1, 1.5, Number.NaN])("does not take %d for a context window", (contextWindow) => {
    expect(discoveredModels([{ apiModelName: "m", contextWindow }], source)[0]).not.toHaveProperty("contextWindow");
  });

  it("makes valid ids of any name", () => {
    expect(idsOf("/models/My Model.gguf")).toEqual(["oss-local-/models/My-Model.gguf"]);
    expect(idsOf("a\n\tb\u0000c")).toEqual(["oss-local-a-b-c"]);
    for (const name of ["x".repeat(256), "模型 7b", "\ud83d", "🦙".repeat(128), `x${"🦙".repeat(127)}`]) {
      const [id] = idsOf(name);
      expect(StoredModel.shape.id.parse(id)).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it("leaves out names that are empty, too long or taken", () => {
    expect(idsOf("", "x".repeat(257), "a b", "a-b", "a b")).toEqual(["oss-local-a-b"]);
  });
});
