import type { Actor } from "../spec/call.js";
import type { RouteContext } from "./route.js";

type Caller = Pick<RouteContext<unknown>, "services" | "request" | "peer" | "identity" | "requestId">;

/** Who makes a change over HTTP. */
export function actorOf({ services, request, peer, identity, requestId }: Caller): Actor {
  return { identity, address: services.addressOf(request, peer), requestId };
}
