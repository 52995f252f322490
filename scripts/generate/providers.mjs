import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";

const FOLDER = "packages/core/src/providers";

export const readsSources = true;

/** The registry of built-in providers, from the files that define them: adding one is adding a file. */
export async function generate() {
  const names = readdirSync(join(ROOT, FOLDER))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "index.ts")
    .map((file) => file.slice(0, -".ts".length))
    .sort();
  const imports = names.map((name) => `import { ${camelCase(name)} } from "./${name}.js";`);
  const entries = names.map((name) => (camelCase(name) === name ? `  ${name},` : `  "${name}": ${camelCase(name)},`));
  const text = `${imports.join("\n")}

/** Every built-in provider, by the \`type\` that names it in the configuration. Generated from this folder's files. */
export const providerFactories = {
${entries.join("\n")}
};
`;
  return { [`${FOLDER}/index.ts`]: text };
}

function camelCase(name) {
  return name.replace(/-([a-z])/g, (_match, letter) => letter.toUpperCase());
}
