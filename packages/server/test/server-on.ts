import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfigFrom } from "../src/config/load.js";
import { type RunningServer, startServer } from "../src/start.js";

const UNLIMITED = JSON.stringify({ limits: { perIp: null, perKey: null } });

/** Starts a server without limits on a Postgres, with a data directory of its own. */
export function startOn(database: string, dataDir: string): Promise<RunningServer> {
  writeFileSync(join(dataDir, "sluice.config.json"), UNLIMITED);
  const environment = { DATABASE_URL: database, PORT: "0", LOG_LEVEL: "silent", DATA_DIR: join(dataDir, "data") };
  return startServer(loadConfigFrom({ flags: {}, environment, directory: dataDir }));
}

/** An answer of a server, and how long it took. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly ms: number;
}

/** Calls a server with a JSON body. */
export async function ask({ url }: RunningServer, method: string, path: string, body?: object): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  return { status: response.status, body: answer, ms: performance.now() - began };
}

/** A model that nothing serves. */
export function modelNamed(id: string): object {
  return { id, provider: "openrouter", apiModelName: id, layer: "L2" };
}
