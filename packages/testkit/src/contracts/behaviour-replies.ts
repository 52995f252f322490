import type { Dialect, ProviderCall } from "@sluice/core";
import * as anthropic from "../upstream/anthropic.js";
import * as bulk from "../upstream/bulk.js";
import * as faults from "../upstream/faults.js";
import * as openai from "../upstream/openai.js";
import { type Reply, raw } from "../upstream/reply.js";
import type { UpstreamBehaviour } from "./provider-place.js";

/** The reply that makes an upstream behave so. */
export function replyFor(behaviour: UpstreamBehaviour, dialect: Dialect): Reply {
  const vendor = dialect === "openai" ? openai : anthropic;
  const stream = vendor.stream(["one", " two", " three"]);
  switch (behaviour) {
    case "answer":
      return dialect === "openai" ? openai.completion() : anthropic.message();
    case "stream":
      return stream;
    case "refusal":
      return vendor.failure(422);
    case "silence":
      return faults.hangBeforeHeaders();
    case "stall":
      return faults.hangAfter(stream, 2);
    case "flood":
      return bulk.eventFlood();
    case "break":
      return faults.resetAfter(stream, 2);
    case "repeated-header":
      return raw(200, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] }, "{}");
  }
}

/** A call that suits the behaviour. */
export function callFor(behaviour: UpstreamBehaviour): ProviderCall {
  const stream = behaviour !== "answer" && behaviour !== "refusal" && behaviour !== "repeated-header";
  const body = { model: "m", max_tokens: 16, messages: [{ role: "user", content: "Hi" }], stream };
  return { operation: "chat", model: "m", stream, body: JSON.stringify(body) };
}
