import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { prepare } from "../lib/prepare.mjs";
import { npm, pnpm } from "../packages/npm.mjs";
import { manifestOf, publicPackages } from "../packages/tarballs.mjs";
import { releaseProblems } from "./problems.mjs";

const [tag = "", ...words] = process.argv.slice(2);
const dryRun = words.includes("--dry-run");
const folders = publicPackages().map((name) => `packages/${name}`);

const problems = releaseProblems({ tag, versions: versions(), pending: pendingChangesets() });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

await prepare(console.log, { types: true });
nameRepository();
for (const folder of folders) await publish(folder);

function versions() {
  return Object.fromEntries(folders.map(manifestOf).map(({ name, version }) => [name, version]));
}

function pendingChangesets() {
  const files = readdirSync(join(ROOT, ".changeset")).filter((name) => name.endsWith(".md") && name !== "README.md");
  return files.map((name) => `.changeset/${name}`);
}

/** A release that broke off half-way goes on where it stopped. */
async function publish(folder) {
  const { name, version } = manifestOf(folder);
  if (await isPublished(`${name}@${version}`)) return console.log(`${name}@${version} is published already`);
  const flags = dryRun ? ["--dry-run"] : [];
  console.log(await pnpm(["publish", "--no-git-checks", ...flags], { cwd: join(ROOT, folder) }));
}

function isPublished(exact) {
  return npm(["view", exact, "version"]).then(
    (version) => version.trim() !== "", // a known package without this version answers with nothing
    () => false,
  );
}

/** npm compares a package's repository with the one that the provenance names; the workflow knows it. */
function nameRepository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: path } = process.env;
  if (!server || !path) return;
  for (const folder of folders) {
    const manifest = {
      ...manifestOf(folder),
      repository: { type: "git", url: `git+${server}/${path}.git`, directory: folder },
    };
    writeFileSync(join(ROOT, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
