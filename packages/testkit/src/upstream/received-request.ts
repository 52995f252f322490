import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Connection } from "./connection.js";
import { deferred } from "./deferred.js";
import type { Player, Progress } from "./play.js";

/** How a connection ended, seen from the request it carried. */
export interface Closing extends Readonly<Progress> {
  /** Who closed it. */
  readonly by: "client" | "upstream";
  /** `performance.now()` of the end. */
  readonly at: number;
}

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they stood on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The parsed body, undefined where it is not JSON. */
  readonly json: unknown;
  /** `performance.now()` when the request was whole. */
  readonly arrivedAt: number;
  /** Number of the connection that carried it, from 1. */
  readonly connection: number;
  /** How far its reply has come by now. */
  readonly progress: Readonly<Progress>;
  /** Resolves when its whole reply was handed to the kernel, or its connection ended before. */
  readonly answered: Promise<void>;
  /** Resolves when its connection has closed, from either side and at any time. */
  readonly closed: Promise<Closing>;
}

/** The whole body; null when the client left before its end. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

/** Records a request and starts to watch what becomes of it. */
export function recordRequest(
  incoming: IncomingMessage,
  body: Buffer,
  { player, connection, answered }: { player: Player; connection: Connection; answered: Promise<void> },
): ReceivedRequest {
  const closed = deferred<Closing>();
  connection.onClose(() =>
    closed.resolve({ ...player.progress, by: connection.closedHere ? "upstream" : "client", at: performance.now() }),
  );
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body,
    json: jsonOf(body),
    arrivedAt: performance.now(),
    connection: connection.number,
    progress: player.progress,
    answered,
    closed: closed.promise,
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
