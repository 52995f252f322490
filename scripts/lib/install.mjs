import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isDone, markDone } from "./fingerprint.mjs";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

/** Installs the packages of the lockfile, unless they are there already. */
export async function install(say) {
  const print = fingerprint(["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]);
  if (isDone("install", print) && existsSync(join(ROOT, "node_modules"))) return;
  say("Installing packages (once; this takes a moment)…");
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  try {
    // npm fetches the pinned pnpm itself, so nothing has to be installed globally; install scripts are never needed.
    await run("npm", ["exec", "--yes", "--", packageManager, "install", "--frozen-lockfile", "--ignore-scripts"]);
  } catch (error) {
    throw new Error(
      `The packages could not be installed (see above). Check the network and npm's registry setting, then try again.\n${error.message}`,
    );
  }
  markDone("install", print);
}

function manifests() {
  return ["packages", "examples"]
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}/package.json`))
    .filter((file) => existsSync(join(ROOT, file)));
}
