/**
 * The gateway with what costs something: `guarded`, as many share it, with an API key for each caller, both limits, a line in
 * the log for each answer and the audit log; `booked`, with a journal on disk for the rows of its ledger; `whole`, with both.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../packages/node/dist/index.js";
import { benchedGateway } from "./mounts/benched-gateway.mjs";
import { becomeTarget } from "./process/target.mjs";

const { pino } = createRequire(new URL("../packages/server/package.json", import.meta.url))("pino");
/** Beyond what any round can send: what is measured is the counting, not the refusing. */
const WIDE = { limit: 1_000_000_000, windowSeconds: 60 };

const [, , upstream, what] = process.argv;
const logger = pino({ base: null }, pino.destination({ dest: "/dev/null", sync: true, minLength: 1_024 }));
const gateway = benchedGateway(upstream, {
  ...(what === "booked" ? {} : { limits: { perIp: WIDE, perKey: WIDE }, logger }),
  ...(what === "guarded" ? {} : { journalDir: journal() }),
});
const { url } = await serve(gateway, { host: "127.0.0.1", port: 0 });
becomeTarget(url, what === "booked" ? {} : { key: await newKey() });

function journal() {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A key that may ask for the one model. */
async function newKey() {
  gateway.on("response", ({ requestId, model, durationMs }) =>
    logger.info({ requestId, model, durationMs }, "answered"),
  );
  const { secret } = await gateway.keys.create({ name: "bench", models: ["bench-model"] });
  return secret;
}
