import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";
import { temporaryDirectory } from "./temporary-directory.js";

const ROUNDS = 3;
const KEYS = 20;
let server: ServerProcess | null = null;

afterEach(() => server?.kill());

it("no acknowledged change is missing in the audit log when the server is killed", async () => {
  const home = temporaryDirectory();
  const made = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const { child, url } = await started(home);
    const gone = once(child, "exit");
    const make = async (name: number) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/v1/keys`, {
        method: "POST",
        headers,
        body: JSON.stringify({ name: `${name}` }),
      });
      made.add(((await response.json()) as { key: { id: string } }).key.id);
      if (name === KEYS - 1) child.kill("SIGKILL");
    };
    await Promise.allSettled(Array.from({ length: KEYS }, (_, name) => make(name)));
    await gone;
  }
  const { url } = await started(home);
  const page = await (await fetch(`${url}/v1/audit?action=key.create&limit=1000`)).json();
  const booked = (page as { data: { target: string }[] }).data.map(({ target }) => target);
  expect(made.size).toBeGreaterThanOrEqual(ROUNDS);
  expect([...made].filter((id) => !booked.includes(id))).toEqual([]);
  expect(new Set(booked).size).toBe(booked.length);
}, 120_000);

async function started(home: string): Promise<ServerProcess> {
  server = await runServer({ SLUICE_LIMITS_PER_IP: "null" }, home);
  return server;
}
