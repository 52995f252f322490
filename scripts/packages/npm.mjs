import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../lib/paths.mjs";

const IMPATIENT = ["--fetch-retries=0", "--fetch-timeout=20000"];
/** `npm test --silent` must not silence what went wrong, nor NODE_ENV leave packages out. */
const ENVIRONMENT = { NODE_ENV: "development", npm_config_loglevel: "notice" };

/** Runs npm and gives what it printed; after `timeout` milliseconds it counts as failed, so that nothing hangs. */
export async function npm(words, { cwd = ROOT, timeout = 170_000 } = {}) {
  const options = { cwd, timeout, env: { ...process.env, ...ENVIRONMENT } };
  const script = process.env.npm_execpath ?? "";
  const [program, first] = script.endsWith("npm-cli.js") ? [process.execPath, [script]] : ["npm", []];
  const shell = program === "npm" && process.platform === "win32";
  const { stdout } = await promisify(execFile)(program, [...first, ...words], { ...options, shell });
  return stdout;
}

/** Runs the pnpm that package.json pins; npm fetches it where it does not have it yet. */
export function pnpm(words, { flags = [], ...options } = {}) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [exact] = packageManager.split("+"); // a hash may follow the version
  return npm(["exec", "--yes", "--prefer-offline", ...flags, "--", exact, ...words], options);
}

/**
 * Whether the npm registry answers, so that tests which install can say why they do not run. An empty cache, because
 * npm falls back to what it has seen before.
 */
export async function canInstall() {
  const cache = mkdtempSync(join(tmpdir(), "registry-"));
  try {
    return await works(npm(["view", "eventemitter3", "version", "--cache", cache, ...IMPATIENT], { timeout: 60_000 }));
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Whether the pinned pnpm is there, from npm's cache or from the registry. */
export function canPack() {
  return works(pnpm(["--version"], { flags: IMPATIENT, timeout: 60_000 }));
}

function works(promise) {
  return promise.then(
    () => true,
    () => false,
  );
}
