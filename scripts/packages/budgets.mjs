/**
 * What a bundle of an application may weigh at most, minified, in bytes: about a tenth above what was measured when the
 * number was written. Peer dependencies do not count; with `own` the dependencies do not either.
 */
export const BUDGETS = [
  { folder: "core", entry: "index.js", names: "{ Gateway }", limit: 1_700_000 },
  { folder: "core", entry: "index.js", names: "{ Gateway }", own: true, limit: 575_000 },
  { folder: "core", entry: "stores/sqlite.js", names: "{ sqliteStore }", own: true, limit: 29_800 },
  { folder: "node", entry: "index.js", names: "{ nodeGateway }", limit: 5_100 },
  { folder: "node", entry: "index.js", names: "{ serve }", limit: 10_800 },
  { folder: "express", entry: "index.js", names: "{ expressGateway }", limit: 5_400 },
  { folder: "koa", entry: "index.js", names: "{ koaGateway }", limit: 5_600 },
];
