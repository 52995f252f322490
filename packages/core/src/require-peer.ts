import { createRequire } from "node:module";
import { GatewayError } from "./errors.js";

/** How a module is found; replaced in tests. */
export type Load = (name: string) => unknown;

/**
 * Loads an optional part. It is synchronous and goes through `require`, so that nothing is loaded before it is
 * needed and no bundler follows the name into an application that does not use it.
 *
 * @param name a package, or a module in it: `pg`, `@scope/name/part.js`
 * @param feature what needs it, as a sentence starts: `SQLite storage`
 * @throws GatewayError `not_installed`
 */
export function requirePeer(name: string, feature: string, load: Load = createRequire(import.meta.url)): unknown {
  try {
    return load(name);
  } catch (cause) {
    const owner = packageOf(name);
    throw new GatewayError("not_installed", {
      details: isMissing(cause, name)
        ? `${feature} needs the package ${owner}: run npm install ${owner}`
        : `${feature} needs the package ${owner}, which is installed but does not load on ` +
          `${process.platform}-${process.arch} with Node.js ${process.version}`,
      cause,
    });
  }
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

/** A package that is there but lacks a part of its own fails with the same code, about another name. */
function isMissing(cause: unknown, name: string): boolean {
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  const notFound = cause.code === "MODULE_NOT_FOUND" || cause.code === "ERR_MODULE_NOT_FOUND";
  return notFound && cause.message.includes(`'${name}'`);
}
