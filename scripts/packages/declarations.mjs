import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";

/** Problems that are no fault of ours, and why. */
const ACCEPTED = [
  {
    kind: "CJSResolvesToESM",
    reason: "the packages are ES modules alone; every Node.js they support, from 20.19, can require() those",
  },
  {
    kind: "NoResolution",
    resolutionKind: "node10",
    reason: "moduleResolution node10 knows no `exports`, is deprecated in TypeScript and not supported",
  },
];

/** What is wrong with the declarations in a tarball, for any way TypeScript has to find them. */
export async function declarationProblems(file) {
  const tarball = createPackageFromTarballData(readFileSync(file));
  const { types, problems } = await checkPackage(tarball, { includeEntrypoints: behindPatterns(tarball) });
  if (!types) return ["it has no declarations"];
  return problems.filter((problem) => !isAccepted(problem)).map((problem) => JSON.stringify(problem));
}

/** The entry points that a pattern such as `./stores/*` stands for; the checker does not look for them itself. */
export function behindPatterns(tarball) {
  const root = `/node_modules/${tarball.packageName}/`;
  const { exports } = JSON.parse(tarball.readFile(`${root}package.json`));
  const found = Object.entries(exports).flatMap(([entry, target]) => {
    if (!entry.includes("*") || target === null) return [];
    const [folder, ending] = target.types.replace("./", root).split("*");
    const names = tarball.listFiles(folder).map((path) => path.slice(folder.length));
    const files = names.filter((name) => name.endsWith(ending) && !name.includes("/"));
    return files.map((name) => entry.replace("*", name.slice(0, -ending.length)));
  });
  return found.filter((entry) => exports[entry] !== null);
}

function isAccepted({ kind, resolutionKind }) {
  return ACCEPTED.some((each) => each.kind === kind && (each.resolutionKind ?? resolutionKind) === resolutionKind);
}
