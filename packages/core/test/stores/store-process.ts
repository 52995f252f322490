import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StoreProcess } from "@sluice/testkit/contracts";
import { build } from "tsup";
import type { Model } from "../../src/schemas/model.js";

/** What the other process is told to do. */
export type Order = { readonly number: number } & (
  | { readonly kind: "create"; readonly model: Model }
  | { readonly kind: "countUp"; readonly id: string; readonly times: number }
);

interface Reply {
  readonly done: number;
  readonly failed?: string;
}

/** A script that plain Node.js can run. */
export interface ChildScript {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles the child: plain Node.js does not read TypeScript. It lies inside the package, to find its dependencies. */
export async function buildChild(): Promise<ChildScript> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const outDir = await mkdtemp(join(root, "node_modules", ".store-child-"));
  await build({
    entry: { child: join(root, "test/stores/store-child.ts") },
    outDir,
    config: false,
    format: "esm",
    target: "node20",
    silent: true,
    outExtension: () => ({ js: ".mjs" }),
  });
  await chmod(outDir, 0o755); // a test runs it as another user
  return { path: join(outDir, "child.mjs"), remove: () => rm(outDir, { recursive: true, force: true }) };
}

/**
 * Starts a process that has the store open.
 * @param place a SQLite file, or the URL of a Postgres
 * @param uid runs it as another user
 */
export async function startStoreProcess(script: string, place: string, uid?: number): Promise<StoreProcess> {
  const child = fork(script, [place], { ...(uid === undefined ? {} : { uid }), execArgv: [] });
  const waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  let next = 1;

  const answered = (number: number) =>
    new Promise<void>((resolve, reject) => {
      waiting.set(number, { resolve, reject });
    });
  child.on("message", (reply: Reply) => {
    const caller = waiting.get(reply.done);
    waiting.delete(reply.done);
    if (reply.failed === undefined) caller?.resolve();
    else caller?.reject(new Error(reply.failed));
  });
  child.on("exit", () => {
    for (const caller of waiting.values()) caller.reject(new Error("the other process ended"));
  });

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  try {
    await answered(0);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    create(model) {
      const number = next++;
      child.send({ number, kind: "create", model });
      return answered(number);
    },
    countUp(id, times) {
      const number = next++;
      child.send({ number, kind: "countUp", id, times });
      return answered(number);
    },
    kill,
  };
}
