import { join } from "node:path";
import esbuild from "@size-limit/esbuild";
import file from "@size-limit/file";
import sizeLimit from "size-limit";
import { ROOT } from "../lib/paths.mjs";
import { manifestOf } from "./tarballs.mjs";

/** The size of the minified bundle that a row of the budgets describes, in bytes. */
export async function sizeOf({ folder, entry, names, own = false }) {
  const { dependencies = {}, peerDependencies = {} } = manifestOf(`packages/${folder}`);
  const path = join(ROOT, "packages", folder, "dist", entry);
  const check = {
    files: [path],
    import: { [path]: names },
    ignore: Object.keys({ ...peerDependencies, ...(own ? dependencies : {}) }),
    brotli: false, // a server reads its code from a disk: what counts is what has to be parsed
    modifyEsbuildConfig: (config) => ({ ...config, platform: "node", format: "esm", logLevel: "error" }),
  };
  const [{ size }] = await sizeLimit([esbuild, file], { checks: [check] });
  return size;
}

/** What a row of the budgets is about, as a test's title says it. */
export function titleOf({ folder, entry, names, own = false }) {
  return `${names} from ${folder}/${entry} ${own ? "without" : "with"} dependencies`;
}
