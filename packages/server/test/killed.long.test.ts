import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const ROUNDS = 10;
const home = mkdtempSync(join(tmpdir(), "sluice-killed-"));

afterAll(() => rmSync(home, { recursive: true, force: true }));

function start(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [CLI, "--port", "0"], {
    cwd: home,
    env: { PATH: process.env.PATH, SLUICE_LIMITS_PER_IP: "null" },
  });
  return new Promise((resolve, reject) => {
    let out = "";
    child.stdout?.on("data", (text) => {
      out += text;
      const url = /listens on (\S+)/.exec(out)?.[1];
      if (url) resolve({ child, url });
    });
    child.on("close", (code) => reject(new Error(`exited ${code}: ${out}`)));
  });
}

it("no acknowledged model is lost when the server is killed while models are created", async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { child, url } = await start();
    const gone = new Promise((resolve) => child.on("close", resolve));
    const listed = await (await fetch(`${url}/v1/models`)).json();
    const ids = new Set((listed as { data: { id: string }[] }).data.map(({ id }) => id));
    for (const id of acknowledged) expect(ids).toContain(id);
    const create = async (worker: number) => {
      for (let count = 0; ; count++) {
        const id = `model-${round}-${worker}-${count}`;
        const body = JSON.stringify({ id, provider: "openrouter", apiModelName: id, layer: "L2" });
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${url}/v1/models`, { method: "POST", headers, body });
        expect(response.status).toBe(201);
        await response.text();
        acknowledged.push(id);
        if (worker === 0 && count === 10) child.kill("SIGKILL");
      }
    };
    await Promise.allSettled([0, 1, 2].map(create)); // each ends when the connection breaks
    await gone;
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 10);
});
