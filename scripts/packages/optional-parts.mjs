import { manifestOf } from "./tarballs.mjs";

/** The packages that @sluice/core loads where they are there, and code that cannot do without. One row each. */
export const OPTIONAL_PARTS = [
  {
    peer: "@modelcontextprotocol/sdk",
    use: `const { Gateway } = await import("@sluice/core");
          await new Gateway().mcp();`,
  },
  {
    peer: "@opentelemetry/api",
    use: `const { Gateway } = await import("@sluice/core");
          new Gateway({ tracerProvider: { getTracer: () => null } });`,
  },
  {
    peer: "@photostructure/sqlite",
    use: `const { sqliteStore } = await import("@sluice/core/stores/sqlite");
          await sqliteStore({ file: "models.db" }).open();`,
  },
  {
    peer: "ioredis",
    use: `const { redisLimiter } = await import("@sluice/core/limits/redis");
          await redisLimiter({ redis: "redis://127.0.0.1" }).open();`,
  },
  {
    peer: "node-pty",
    use: `const { Gateway } = await import("@sluice/core");
          const gateway = new Gateway();
          const session = await gateway.terminals.open({ type: "local" });
          await session.send("x").finally(() => gateway.close());`,
  },
  {
    peer: "pg",
    use: `const { postgresStore } = await import("@sluice/core/stores/postgres");
          await postgresStore({ url: "postgres://127.0.0.1/sluice" }).open();`,
  },
  {
    peer: "ssh2",
    use: `const { Gateway } = await import("@sluice/core");
          const gateway = new Gateway();
          const host = { type: "ssh", host: "127.0.0.1", username: "me", password: "secret" };
          await gateway.terminals.open(host).finally(() => gateway.close());`,
  },
];

/** The names of a package's optional peers. */
export function optionalPeers(folder) {
  const { peerDependenciesMeta = {} } = manifestOf(`packages/${folder}`);
  const names = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
  return names.sort();
}
