import type { Provider } from "@sluice/core";
import { scriptedUpstream } from "../scripted-upstream.js";
import type { ReceivedRequest } from "../upstream/received-request.js";
import { refusedUrl } from "../upstream/refused-url.js";
import { callFor, replyFor } from "./behaviour-replies.js";
import type { PreparedCall, ProviderPlace, UpstreamBehaviour } from "./provider-place.js";

/**
 * A place for {@link describeProvider}: a provider that speaks HTTP, before a scripted upstream.
 * @param make makes the provider for an upstream at `origin`, such as `http://127.0.0.1:41234`.
 */
export function httpProviderPlace(make: (origin: string) => Provider): () => Promise<ProviderPlace> {
  return async () => {
    const upstream = await scriptedUpstream();
    const provider = make(upstream.url);
    let prepared = 0;
    return {
      provider,
      prepare(behaviour: UpstreamBehaviour): PreparedCall {
        upstream.enqueue(replyFor(behaviour, provider.dialect));
        const index = prepared++;
        const request = (): ReceivedRequest | undefined => upstream.requests[index];
        return {
          call: callFor(behaviour),
          async arrived() {
            while (!request()) await new Promise((resolve) => setImmediate(resolve));
          },
          left: async () => request()?.closed,
          sentBytes: () => request()?.progress.bytes ?? 0,
        };
      },
      unreachable: async () => make(await refusedUrl()),
      close: () => upstream.close(),
    };
  };
}
