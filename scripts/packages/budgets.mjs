/**
 * What a bundle of an application may weigh at most, minified, in bytes: a little above what was measured when the
 * number was written. Peer dependencies do not count; with `own` the dependencies do not either.
 */
export const BUDGETS = [
  { folder: "core", entry: "index.js", names: "{ Gateway }", limit: 1_700_000 },
  { folder: "core", entry: "index.js", names: "{ Gateway }", own: true, limit: 600_000 },
  { folder: "core", entry: "stores/sqlite.js", names: "{ sqliteStore }", own: true, limit: 29_800 },
  { folder: "node", entry: "index.js", names: "{ nodeGateway }", limit: 5_500 },
  { folder: "node", entry: "index.js", names: "{ serve }", limit: 10_800 },
  { folder: "express", entry: "index.js", names: "{ expressGateway }", limit: 5_700 },
  { folder: "koa", entry: "index.js", names: "{ koaGateway }", limit: 6_000 },
];
