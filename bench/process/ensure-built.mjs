import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGES = ["core", "node", "express", "koa"];

/** Builds the packages the targets run from, unless what is built is newer than every source. */
export function ensureBuilt() {
  if (!PACKAGES.some(isStale)) return;
  const { status } = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the packages could not be built");
}

function isStale(name) {
  const built = `${ROOT}packages/${name}/dist/index.js`;
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return newest(`${ROOT}packages/${name}/src`) > builtAt;
}

function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((file) => statSync(`${file.parentPath ?? file.path}/${file.name}`).mtimeMs));
}
