/** The headers answers carry, and what each says: for the OpenAPI document, and for web pages of other origins. */
export const RESPONSE_HEADERS = {
  "x-request-id": "Names this request in the gateway's log.",
  "x-sluice-request-id": "The same, where a proxy in between sets `x-request-id` itself.",
  "x-sluice-provider": "The provider that answered.",
  "x-sluice-model": "The `id` of the model that answered.",
  "x-sluice-layer": "The layer of the model that answered.",
  "x-sluice-attempts": "Upstream calls made for this request.",
  "x-sluice-fallbacks": "Models that were given up before the one that answered.",
  "x-sluice-route-reason": "Why this model was chosen.",
  "x-sluice-cascade":
    "How `auto` chose between layers: `judged` after the answer, `buffered` likewise for a stream that was held back, or `pre-route` before the call.",
  "x-sluice-cascade-skipped":
    "Why the answer was not judged: `stream`, `tools`, `images`, `several choices`, `logprobs`, `seed`, `conversation`, `deadline`, `share` or `nothing above`.",
  "x-sluice-escalated": "`true` when a judge rejected the cheap answer and a higher layer gave this one.",
  "x-sluice-verdict": "The judge that decided, and how: `accept`, `reject` or `unknown`.",
  "x-sluice-limited": "What kept a rejected answer from being replaced: `ceiling`, `share`, `budget` or `failed`.",
  "x-sluice-cost-usd": "What the request cost, in US dollars, all its upstream calls together; or `unknown`.",
  "x-sluice-overhead-ms":
    "Milliseconds the gateway itself took: everything but waiting for upstreams, retries and queues included.",
  "x-sluice-dropped":
    "Request fields the answering model's API has no place for, and keywords of a wanted schema that nothing holds the answer to.",
  "x-sluice-simulated": "`true` when the simulator answered, which is no language model.",
  "x-ratelimit-limit": "Requests per window, of the limit that is nearer to its end: the address's or the caller's.",
  "x-ratelimit-remaining": "Requests left of it.",
  "x-ratelimit-reset": "When all of it is there again if nothing more is sent, in seconds since 1970.",
  ratelimit: "The same as draft-ietf-httpapi-ratelimit-headers has it: name, requests left, seconds.",
  "ratelimit-policy": "Every limit this request is under: name, requests, seconds.",
  "retry-after": "Seconds after which a retry makes sense.",
} as const;

/** One of {@link RESPONSE_HEADERS}. */
export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** What every answer carries. */
export const COMMON_HEADERS = ["x-request-id", "x-sluice-request-id"] as const satisfies readonly ResponseHeader[];

/** Who served a chat, and how. */
export const RECEIPT_HEADERS = [
  "x-sluice-provider",
  "x-sluice-model",
  "x-sluice-layer",
  "x-sluice-attempts",
  "x-sluice-fallbacks",
  "x-sluice-route-reason",
  "x-sluice-cost-usd",
  "x-sluice-overhead-ms",
  "x-sluice-cascade",
  "x-sluice-cascade-skipped",
  "x-sluice-escalated",
  "x-sluice-verdict",
  "x-sluice-limited",
  "x-sluice-dropped",
  "x-sluice-simulated",
] as const satisfies readonly ResponseHeader[];
