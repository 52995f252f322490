import { once } from "node:events";
import { createServer } from "node:net";
import { monotonicMs } from "../process/clock.mjs";
import { OutgoingStream } from "./outgoing-stream.mjs";
import { TickPacing, TimerPacing } from "./pacing.mjs";
import { RequestReader } from "./request-reader.mjs";
import { notFound, plainAnswer, streamWrites } from "./script.mjs";

let pacing = new TickPacing();
let scripts = null;
let stamped = false;
/** When the target closed a stream that was not over, in order. */
let closings = [];

/** Sets how the streams from now on run: `chunks` many, one every `everyMs` or one per tick. */
function script({ chunks, everyMs, stamp = false }) {
  pacing = everyMs === undefined ? new TickPacing() : new TimerPacing(everyMs);
  scripts = { plain: streamWrites(chunks, { usage: false }), metered: streamWrites(chunks, { usage: true }) };
  stamped = stamp;
  closings = [];
}

function startStream(socket, { stream_options: options }) {
  const { plain, metered } = scripts;
  const stream = new OutgoingStream(socket, options?.include_usage ? metered : plain, { stamped });
  const pace = pacing; // the script may change while this stream runs
  socket.current = { stream, pace };
  pace.add(stream);
}

function connected(socket) {
  socket.setNoDelay(true);
  socket.current = null;
  const reader = new RequestReader((head, body) => {
    if (!head.startsWith("POST ")) return socket.write(notFound);
    if (!body.includes('"stream"')) return socket.write(plainAnswer);
    startStream(socket, JSON.parse(body));
  });
  socket.on("data", (bytes) => reader.push(bytes));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (!socket.current || socket.current.stream.done) return;
    socket.current.pace.remove(socket.current.stream);
    closings.push(monotonicMs());
  });
}

function ticked(socket) {
  socket.setNoDelay(true);
  socket.on("data", (ticks) => {
    for (let index = 0; index < ticks.length; index++) pacing.tick();
  });
  socket.on("error", () => socket.destroy());
}

async function listen(listener) {
  const server = createServer(listener).listen(0, "127.0.0.1", 4_096);
  await once(server, "listening");
  return server.address().port;
}

/**
 * Starts the scripted upstream: it answers every chat with bytes that were built beforehand, on a bare socket, so that it
 * is never what limits a target. How it streams is set by command; a second port takes the ticks of lock-step streams.
 */
export async function startUpstream() {
  const [port, ticksPort] = [await listen(connected), await listen(ticked)];
  const facts = { url: `http://127.0.0.1:${port}`, ticksPort };
  return { facts, commands: { script, closings: () => closings } };
}
