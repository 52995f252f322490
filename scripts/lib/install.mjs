import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fingerprint, isDone, stamped } from "./fingerprint.mjs";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

const FAILURE = `The packages could not be installed; the output above says why. Mostly it is the network, a proxy or npm's
"registry" setting: npm ping tells. Then run the same command again.`;

const WORDS = [
  "install",
  "--frozen-lockfile",
  "--ignore-scripts", // nothing here needs one, and one that fails would stop everything
  "--prod=false", // the build tools are development dependencies, also where NODE_ENV says production
  "--config.confirm-modules-purge=false", // nobody is there to be asked
  "--config.engine-strict=false", // a test tool that dislikes this Node.js must not keep the server from starting
];

/** Whether the packages of the lockfile are there. */
export function isInstalled() {
  return isDone("install", installPrint()) && manifests().every(hasModules);
}

/** Installs the packages of the lockfile, unless they are there already. */
export async function install(say) {
  if (isInstalled()) return;
  say("Installing packages…");
  await stamped("install", installPrint(), () => pnpm(WORDS));
}

/** npm fetches the pinned pnpm itself, so nothing has to be installed globally. */
function pnpm(words) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [exact] = packageManager.split("+"); // a hash may follow the version
  const line = ["exec", "--yes", "--prefer-offline", "--", exact, ...words];
  // `npm start --silent` must not silence what went wrong.
  const options = { env: { NODE_ENV: "development", npm_config_loglevel: "notice" }, failure: FAILURE };
  const npm = process.env.npm_execpath ?? "";
  if (npm.endsWith("npm-cli.js")) return run(process.execPath, [npm, ...line], options);
  return run("npm", line, { ...options, shell: process.platform === "win32" });
}

/** The platform is in it because packages with native code are installed for one alone. */
function installPrint() {
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", "package.json", ...manifests()];
  return `${process.platform}-${process.arch}-${fingerprint(files)}`;
}

function manifests() {
  return ["packages", "examples"]
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}/package.json`))
    .filter((file) => existsSync(join(ROOT, file)));
}

function hasModules(manifest) {
  const needs = /"(?:d|devD)ependencies"/.test(readFileSync(join(ROOT, manifest), "utf8"));
  return !needs || existsSync(join(ROOT, dirname(manifest), "node_modules"));
}
