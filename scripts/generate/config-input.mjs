import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";

const FILE = "packages/core/src/schemas/config-input.ts";
const BIOME = join(ROOT, "node_modules/@biomejs/biome/bin/biome");

/** The options as editors show them: what the schema says of each key, which its inferred type cannot say. */
export async function generate() {
  const core = join(ROOT, "packages/core");
  const { GatewayConfig } = await import(pathToFileURL(join(core, "dist/index.js")).href);
  const { z } = await import(pathToFileURL(createRequire(join(core, "package.json")).resolve("zod")).href);
  const schema = z.toJSONSchema(GatewayConfig, { io: "input", unrepresentable: "any" });
  const text = [
    "// Generated from the schema in options.ts by `npm run generate`.",
    "",
    "/** What an application or a configuration file says; everything may be left out. */",
    `export interface GatewayConfigInput ${objectType(schema)}`,
    "",
  ].join("\n");
  return { [FILE]: formatted(text) };
}

function formatted(text) {
  const words = [BIOME, "format", `--stdin-file-path=${join(ROOT, FILE)}`];
  return execFileSync(process.execPath, words, { cwd: ROOT, input: text, encoding: "utf8" });
}

function objectType({ properties = {}, required = [] }) {
  const members = Object.entries(properties).map(([key, schema]) => {
    const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    return required.includes(key)
      ? `${comment(schema)}${name}: ${typeOf(schema)};`
      : `${comment(schema)}${name}?: ${typeOf(schema)} | undefined;`;
  });
  return `{\n${members.join("\n")}\n}`;
}

function comment({ description, default: fallback }) {
  const isSaid = fallback !== undefined && JSON.stringify(fallback) !== "{}";
  const words = [description, isSaid ? `@defaultValue \`${JSON.stringify(fallback)}\`` : undefined].filter(Boolean);
  return words.length === 0 ? "" : `/** ${words.join(" ").replaceAll("*/", "*\\/")} */\n`;
}

function typeOf(schema) {
  const { type, anyOf, oneOf, enum: values, const: only, items, properties, additionalProperties } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(" | ");
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(" | ");
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `(${typeOf(items ?? {})})[]`;
    case "object":
      if (properties) return objectType(schema);
      return `Record<string, ${typeof additionalProperties === "object" ? typeOf(additionalProperties) : "unknown"}>`;
    default:
      return type ?? "unknown";
  }
}
