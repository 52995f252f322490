export { type FakeClock, type FakeClockOptions, fakeClock } from "./fake-clock.js";
export { type FakeProvider, type FakeProviderOptions, fakeProvider } from "./fake-provider.js";
export { fixture, fixtureNames } from "./fixtures.js";
export { freePort } from "./free-port.js";
export { parseRecording } from "./parse-recording.js";
export { type RecordUpstreamOptions, recordUpstream, type UpstreamRecorder } from "./record.js";
export type { RecordedRequest, RecordedResponse, Recording } from "./recording.js";
export { type ReceiverHooks, type RecordingReceiver, recordingReceiver } from "./recording-receiver.js";
export { hasRedis, type RedisServer, redisServer } from "./redis-server.js";
export { replay } from "./replay.js";
export {
  type Responder,
  type ScriptedUpstream,
  type ScriptedUpstreamOptions,
  scriptedUpstream,
} from "./scripted-upstream.js";
export { type BodySource, type Collected, collect, type DecodedEvent, decodeSse, sseJson } from "./sse.js";
/** Builders of Anthropic's answers: `message`, `stream`, `failure`. */
export * as anthropic from "./upstream/anthropic.js";
/** Bodies too large or too many: `hugeJson`, `endlessLine`, `gzipBomb`, `eventFlood`. */
export * as bulk from "./upstream/bulk.js";
/** What goes wrong between a request and its answer: hangs, resets, cuts, truncated and foreign bodies. */
export * as faults from "./upstream/faults.js";
export { type Gate, gate } from "./upstream/gate.js";
/** Builders of OpenAI's answers: `completion`, `stream`, `toolCallDeltas`, `failure`, `models`. */
export * as openai from "./upstream/openai.js";
/** Builders of OpenRouter's answers: `completion`, `stream`, `failure`, `inBandFailure`. */
export * as openrouter from "./upstream/openrouter.js";
export type { Progress } from "./upstream/play.js";
export type { Closing, ReceivedRequest } from "./upstream/received-request.js";
export { refusedUrl } from "./upstream/refused-url.js";
export { error, json, lazily, notHttp, type Reply, type ReplyHeaders, raw, type Step } from "./upstream/reply.js";
export { type RunUpstreamOptions, runUpstream } from "./upstream/run-upstream.js";
export { type SseFraming, type SseMessage, type SsePart, sse } from "./upstream/sse-framing.js";
export { type VendorOptions, vendor } from "./upstream/vendor.js";
