import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepare } from "../lib/prepare.mjs";
import { copyExamples, EXAMPLES } from "./examples.mjs";
import { canInstall } from "./npm.mjs";
import { OPTIONAL_PARTS, optionalPeers } from "./optional-parts.mjs";
import { installedPackages, installProject, internalModules, nativeFiles, nodeIn, writeProject } from "./scratch.mjs";
import { manifestOf, packAll } from "./tarballs.mjs";
import { typeErrors } from "./type-errors.mjs";

const installable = await canInstall();
const reason = installable ? "" : " (needs the npm registry, out of reach)";

/** @sluice/core, and eventemitter3, jose (the token of a login needs it), kysely, undici and zod. It may only fall. */
const PACKAGES_WITH_CORE = 6;

describe.skipIf(!installable)(`installed from the tarballs${reason}`, () => {
  let folder;
  let core;
  let all;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "installed-"));
    core = join(folder, "core");
    all = join(folder, "all");
    await prepare(() => {}, { types: true, giveUp: () => expect.unreachable("the build failed") });
    const tarballs = await packAll(join(folder, "tarballs"));
    writeProject(core, { tarballs: { "@sluice/core": tarballs["@sluice/core"] } });
    const types = { "@types/node": manifestOf(".").devDependencies["@types/node"] };
    writeProject(all, { tarballs, dependencies: types, workspaces: ["examples/*"] });
    copyExamples(all);
    await Promise.all([installProject(core), installProject(all)]);
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  describe("@sluice/core alone", () => {
    it.each(["chat.mjs", "chat.cjs"])("answers a chat in %s", async (script) => {
      expect(await nodeIn(core, script)).toContain("Hello!");
    });

    it("brings few packages, none with native code or a script that runs on installation", () => {
      const packages = installedPackages(core);
      expect(packages.map(({ name }) => name)).toHaveLength(PACKAGES_WITH_CORE);
      expect(packages.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
      expect(nativeFiles(core)).toEqual([]);
    });

    it.each(OPTIONAL_PARTS)("says what to install where $peer is missing", async ({ peer, use }) => {
      const error = JSON.parse(await nodeIn(core, "fail.mjs", use));
      expect(error).toEqual({
        code: "not_installed",
        status: 501,
        details: expect.stringContaining(`run npm install ${peer}`),
      });
    });

    it("has no optional part besides these", () => {
      expect(OPTIONAL_PARTS.map(({ peer }) => peer).sort()).toEqual(optionalPeers("core"));
    });

    it("keeps its internal modules to itself", async () => {
      const modules = internalModules(core);
      expect(modules).toContain("@sluice/core/stores/internal/migrate");
      expect(JSON.parse(await nodeIn(core, "import.mjs", ...modules))).toEqual(["ERR_PACKAGE_PATH_NOT_EXPORTED"]);
    });
  });

  it.concurrent.each([
    // With skipLibCheck off our declarations have to hold by themselves, which takes long and once is enough.
    ["node16", "node16", "false"],
    ["bundler", "esnext", "true"],
  ])("type-checks an application with moduleResolution %s", { timeout: 180_000 }, async (resolution, module, skips) => {
    const flags = ["--module", module, "--moduleResolution", resolution, "--skipLibCheck", skips];
    expect(await typeErrors(all, flags)).toBe("");
  });

  it.each(EXAMPLES)("runs the example %s", async (name) => {
    expect(await nodeIn(all, "example.mjs", name)).toBe("closed");
  });
});
