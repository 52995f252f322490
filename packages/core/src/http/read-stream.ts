import { GatewayError } from "../errors.js";
import type { ByteStream } from "../spec/http.js";

const HIGH_WATER_BYTES = 64 * 1024;

/**
 * Reads a pushed stream by pulling: for callers inside the process. Leaving the loop early calls `leave`.
 * @throws GatewayError when the stream fails after its first output
 */
export async function* readStream(stream: ByteStream, leave: () => void): AsyncGenerator<Buffer> {
  const queue: Buffer[] = [];
  let size = 0;
  let ended = false;
  let failure: GatewayError | null = null;
  let wake = () => {};
  const flow = stream.pipe({
    write(chunk) {
      queue.push(
        typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length),
      );
      size += chunk.length;
      wake();
      return size < HIGH_WATER_BYTES;
    },
    end() {
      ended = true;
      wake();
    },
    abort() {
      failure ??= new GatewayError("upstream_failed", { details: "broke off" });
      ended = true;
      wake();
    },
    fail(error) {
      failure = error;
      ended = true;
      wake();
    },
  });
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        size -= chunk.length;
        yield chunk;
      } else if (ended) {
        if (failure) throw failure;
        return;
      } else {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        flow.drain();
        await woken;
      }
    }
  } finally {
    if (!ended) leave();
  }
}
