import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/** The built packages, as an application meets them. Run from server, which depends on all that have a runtime. */
const PACKAGES = fileURLToPath(new URL("../../", import.meta.url));

async function evaluate(code: string, type: "module" | "commonjs"): Promise<string> {
  const words = [`--input-type=${type}`, "--eval", code];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: join(PACKAGES, "server") });
  return stdout.trim();
}

describe("the built packages", () => {
  it.each([
    ["@sluice/core", "Gateway"],
    ["@sluice/core", "memoryStore"],
    ["@sluice/core/stores/sqlite", "sqliteStore"],
    ["@sluice/core/providers/openai", "openai"],
    ["@sluice/node", "serve"],
    ["@sluice/testkit", "scriptedUpstream"],
  ])("%s gives %s to import and to require", async (name, value) => {
    const imported = `import { ${value} } from "${name}"; console.log(typeof ${value});`;
    const required = `const { ${value} } = require("${name}"); console.log(typeof ${value});`;
    expect(await evaluate(imported, "module")).toBe("function");
    expect(await evaluate(required, "commonjs")).toBe("function");
  });

  it("is one and the same for import and require", async () => {
    const code = `import { createRequire } from "node:module"; import { Gateway } from "@sluice/core";
      console.log(createRequire(process.cwd() + "/x.js")("@sluice/core").Gateway === Gateway);`;
    expect(await evaluate(code, "module")).toBe("true");
  });

  it.each(["core", "node", "express", "koa", "testkit", "server"])(
    "@sluice/%s has code and types behind every public name",
    (name) => {
      const files = publicFiles(join(PACKAGES, name));
      expect(files.length).toBeGreaterThan(1);
      expect(files.filter((file) => !existsSync(file))).toEqual([]);
    },
  );
});

/** Every file the manifest promises: bundles, declarations, commands. */
function publicFiles(folder: string): string[] {
  const { exports, bin = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target ?? {}),
  );
  return [...targets, ...Object.values(bin)].flatMap((path) => expand(folder, path));
}

/** What the parts of the manifest that matter here look like; it is ours. */
interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>> | null>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** `./dist/stores/*.js` stands for one file for each source in `src/stores`. */
function expand(folder: string, path: string): string[] {
  const [before, after] = path.split("*");
  if (before === undefined || after === undefined) return [join(folder, path)];
  return readdirSync(join(folder, before.replace("/dist/", "/src/")))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, before, file.replace(/\.ts$/, after)));
}
