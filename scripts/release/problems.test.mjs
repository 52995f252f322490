import { expect, it } from "vitest";
import { releaseProblems } from "./problems.mjs";

const versions = { "@sluice/core": "1.2.3", "@sluice/node": "1.2.3" };

it("lets a tag through that every package carries", () => {
  expect(releaseProblems({ tag: "v1.2.3", versions, pending: [] })).toEqual([]);
});

it.each([
  [{ tag: "v1.2.4", versions, pending: [] }, ["@sluice/core has version 1.2.3, the tag", "@sluice/node has"]],
  [
    { tag: "v1.2.3", versions: { ...versions, "@sluice/koa": "1.2.2" }, pending: [] },
    ["@sluice/koa has version 1.2.2"],
  ],
  [{ tag: "v1.2.3", versions, pending: [".changeset/red-sea.md"] }, [".changeset/red-sea.md is not in any version"]],
  [{ tag: "v0.0.0", versions: { "@sluice/core": "0.0.0" }, pending: [] }, ["0.0.0 stands for not released"]],
])("holds %j back", (release, problems) => {
  expect(releaseProblems(release)).toEqual(problems.map((text) => expect.stringContaining(text)));
});
