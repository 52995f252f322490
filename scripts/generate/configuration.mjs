import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";

const PAGE = "docs/configuration.md";
const START = "<!-- generated: every key -->";
const END = "<!-- end of generated -->";

/** The JSON Schema editors complete the configuration file with, and the table of every key. */
export async function generate() {
  const { configJsonSchema, configTable } = await import(
    pathToFileURL(join(ROOT, "packages/server/dist/index.js")).href
  );
  const rows = configTable().map(
    ({ key, type, fallback, variable, description }) =>
      `| \`${key}\` | ${type.replaceAll("|", "\\|")} | ${fallback ? `\`${fallback}\`` : ""} | \`${variable}\` | ${description.replaceAll("|", "\\|")} |`,
  );
  const table = ["| key | type | default | environment | meaning |", "|---|---|---|---|---|", ...rows].join("\n");
  const page = readFileSync(join(ROOT, PAGE), "utf8");
  const [before] = page.split(START);
  const [, after = ""] = page.split(END);
  return {
    [PAGE]: `${before}${START}\n\n${table}\n\n${END}${after}`,
    "packages/server/config.schema.json": `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  };
}
