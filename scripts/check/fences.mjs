import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { ROOT } from "../lib/paths.mjs";

/** Where pages for the users of the packages stand. */
const FOLDERS = [".", "docs", ...foldersIn("packages"), ...foldersIn("examples")];
const OPENING = /^```(\S*)[ \t]*(.*)$/;
const TYPESCRIPT = new Set(["ts", "typescript"]);

/** One line for every TypeScript fence of the docs that does not compile, or is not marked to be: \`\`\`ts check. */
export function fenceProblems() {
  const pages = FOLDERS.flatMap((folder) => pagesIn(folder));
  return problemsOf(pages.flatMap((path) => fencesIn(path, readFileSync(join(ROOT, path), "utf8"))));
}

/** The same for any fences. */
export function problemsOf(fences) {
  const unmarked = fences.filter(({ checked }) => !checked);
  return [
    ...unmarked.map(({ path, line }) => `${path}:${line}: a TypeScript fence is marked \`\`\`ts check, and compiles`),
    ...compilerProblems(fences.filter(({ checked }) => checked)),
  ];
}

/** The TypeScript fences of a page: where its code begins, the code, and whether it is marked. */
export function fencesIn(path, page) {
  const fences = [];
  let open = null;
  for (const [index, text] of page.split("\n").entries()) {
    if (open && text.trimEnd() === "```") {
      if (TYPESCRIPT.has(open.language)) fences.push({ ...open, path, code: open.lines.join("\n") });
      open = null;
    } else if (open) {
      open.lines.push(text);
    } else {
      const [, language, words] = OPENING.exec(text) ?? [];
      if (language !== undefined) open = { language, checked: words === "check", line: index + 2, lines: [] };
    }
  }
  return fences;
}

/** Compiles each fence as a module of its own, which lies beside its page. */
function compilerProblems(fences) {
  const modules = new Map(fences.map((fence) => [moduleOf(fence), fence]));
  const options = compilerOptions();
  const program = ts.createProgram([...modules.keys()], options, hostWith(modules, options));
  return [...modules].flatMap(([file, { path, line }]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const at = line + source.getLineAndCharacterOfPosition(start).line;
      return `${path}:${at}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
}

function moduleOf({ path, line }) {
  return join(ROOT, `${path}.${line}.ts`);
}

function compilerOptions() {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // What an application has around it: the DOM's Fetch types, and no rule about its style.
  return { ...options, lib: undefined, noEmit: true, noUnusedLocals: false };
}

function hostWith(modules, options) {
  const host = ts.createCompilerHost(options);
  const cache = ts.createModuleResolutionCache(ROOT, (name) => name, options);
  const resolve = (name, from) =>
    ts.resolveModuleName(name, from, options, host, cache, undefined, ts.ModuleKind.ESNext).resolvedModule;
  /** A page may import whatever some package or example here depends on. */
  const places = FOLDERS.map((folder) => join(ROOT, folder, "page.ts"));
  return {
    ...host,
    fileExists: (file) => modules.has(file) || host.fileExists(file),
    readFile: (file) => modules.get(file)?.code ?? host.readFile(file),
    getSourceFile: (file, ...words) =>
      modules.has(file)
        ? ts.createSourceFile(file, modules.get(file).code, { ...words[0], impliedNodeFormat: ts.ModuleKind.ESNext })
        : host.getSourceFile(file, ...words),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const froms = modules.has(from) ? [from, ...places] : [from];
        for (const each of froms) {
          const resolvedModule = resolve(text, each);
          if (resolvedModule) return { resolvedModule };
        }
        return { resolvedModule: undefined };
      }),
  };
}

function foldersIn(parent) {
  return readdirSync(join(ROOT, parent))
    .map((name) => join(parent, name).split(sep).join("/"))
    .filter((folder) => existsSync(join(ROOT, folder, "package.json")));
}

function pagesIn(folder) {
  return readdirSync(join(ROOT, folder), { recursive: folder === "docs" })
    .filter((name) => name.endsWith(".md"))
    .map((name) =>
      relative(ROOT, join(ROOT, folder, name))
        .split(sep)
        .join("/"),
    );
}
