import { manifestOf } from "./tarballs.mjs";

/** The packages that @sluice/core loads where they are there, and code that cannot do without. One row each. */
export const OPTIONAL_PARTS = [
  {
    peer: "@photostructure/sqlite",
    use: `const { sqliteStore } = await import("@sluice/core/stores/sqlite");
          await sqliteStore({ file: "models.db" }).open();`,
  },
];

/** The names of a package's optional peers. */
export function optionalPeers(folder) {
  const { peerDependenciesMeta = {} } = manifestOf(`packages/${folder}`);
  const names = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
  return names.sort();
}
