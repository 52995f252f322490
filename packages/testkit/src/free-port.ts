import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to whoever asks for any, listeners and connections alike (Linux: from 32768, others:
 * from 49152): another could be given such a port before the program has it.
 */
const FIRST_PORT = 16_384;
const PORTS = 16_384;
const TRIES = 100;

/** A port of loopback that is free at the moment, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port among ${TRIES} between ${FIRST_PORT} and ${FIRST_PORT + PORTS - 1}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
