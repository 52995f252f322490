import { parseRecording } from "./parse-recording.js";
import { endToEndHeaders } from "./recorder/end-to-end-headers.js";
import type { Recording } from "./recording.js";
import { type Reply, raw } from "./upstream/reply.js";

/**
 * Makes the reply by which a scripted upstream or a fake provider plays a recording: its status, its headers without
 * those of one connection, and each part of its body as a write of its own.
 * @throws TypeError naming the field of the recording that is wrong
 * @example
 * const upstream = await scriptedUpstream();
 * upstream.enqueue(replay(fixture("openai/chat")));
 */
export function replay(recording: Recording): Reply {
  const { status, headers, body } = parseRecording(recording).response;
  const bytes = body.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  // A part edited by hand, or a key taken out, would leave the recorded length wrong.
  const played = Object.entries(endToEndHeaders(headers)).map(([name, value]) =>
    name.toLowerCase() === "content-length" ? [name, `${bytes}`] : [name, value],
  );
  return raw(status, Object.fromEntries(played), body);
}
