import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../lib/paths.mjs";

/** One line for every public export without a documentation comment. */
export function undocumentedExports() {
  const entries = ["core", "node", "testkit", "server"].flatMap(entryFiles);
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram(entries, options);
  const checker = program.getTypeChecker();
  const missing = new Set();
  for (const entry of entries) {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(entry));
    for (const exported of symbol ? checker.getExportsOfModule(symbol) : []) {
      const real = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const place = real.declarations?.[0]?.getSourceFile().fileName;
      // A namespace is documented where it is exported, which the checker does not see.
      if (!place || place.includes("node_modules") || real.flags & ts.SymbolFlags.ValueModule) continue;
      const told = [exported, real].some((each) => each.getDocumentationComment(checker).length > 0);
      if (!told) missing.add(`${place.slice(ROOT.length + 1)}: ${exported.name} is public and has no comment`);
    }
  }
  return [...missing];
}

function entryFiles(name) {
  const source = join(ROOT, "packages", name, "src");
  const wild = name === "core" ? ["providers", "stores"] : name === "testkit" ? ["contracts"] : [];
  const inside = wild.flatMap((folder) =>
    readdirSync(join(source, folder))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => join(source, folder, file)),
  );
  return [join(source, "index.ts"), ...inside].filter((file) => existsSync(file));
}
