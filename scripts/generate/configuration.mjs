import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";

const PAGE = "docs/configuration.md";

/** The JSON Schema editors complete the configuration file with, and the page's tables of every key. */
export async function generate() {
  const server = await import(pathToFileURL(join(ROOT, "packages/server/dist/index.js")).href);
  const page = [
    ["every key", withVariables(server.configTable())],
    ["every key of a model", withoutVariables(server.modelTable())],
  ].reduce((text, [name, table]) => fill(text, name, table), readFileSync(join(ROOT, PAGE), "utf8"));
  return {
    [PAGE]: page,
    "packages/server/config.schema.json": `${JSON.stringify(server.configJsonSchema(), null, 2)}\n`,
  };
}

function withVariables(rows) {
  const lines = rows.map(
    (row) => `| \`${row.key}\` | ${type(row)} | ${fallback(row)} | \`${row.variable}\` | ${meaning(row)} |`,
  );
  return ["| key | type | default | environment | meaning |", "|---|---|---|---|---|", ...lines].join("\n");
}

function withoutVariables(rows) {
  const lines = rows.map((row) => `| \`${row.key}\` | ${type(row)} | ${fallback(row)} | ${meaning(row)} |`);
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...lines].join("\n");
}

function type(row) {
  return row.type.replaceAll("|", "\\|");
}

function fallback(row) {
  return row.fallback ? `\`${row.fallback}\`` : "";
}

function meaning(row) {
  return row.description.replaceAll("|", "\\|");
}

/** Replaces what stands between the two marks of one table. */
function fill(page, name, table) {
  const start = `<!-- generated: ${name} -->`;
  const end = `<!-- end of generated: ${name} -->`;
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${PAGE} lacks the marks of "${name}"`);
  return `${before}${start}\n\n${table}\n\n${end}${after}`;
}
