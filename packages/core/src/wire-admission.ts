import { ChatCall } from "./dialects/chat-call.js";
import { ForwardCall } from "./dialects/forward-call.js";
import type { ChatData, ForwardData, ModelCall } from "./dialects/model-call.js";
import type { Services } from "./http/services.js";
import { fallbackLimiter } from "./limits/internal/fallback-limiter.js";
import { type CallSize, Leases } from "./limits/internal/leases.js";
import { memoryUse } from "./limits/internal/memory-use.js";
import { Overload } from "./limits/internal/overload.js";
import { sharedLimiter } from "./limits/internal/shared-limiter.js";
import { memoryLimiter } from "./limits/memory.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { CallContext } from "./spec/call.js";
import type { GatewayResponse } from "./spec/http.js";
import type { Limiter } from "./spec/limiter.js";
import type { Base } from "./wire-base.js";
import type { Succession } from "./wire-succession.js";

/** What the parts that let calls in are made from. */
export interface AdmissionDeps extends Pick<Base, "clock" | "logger" | "redis"> {
  readonly config: GatewayConfig;
  /** The application's own limiter. */
  readonly limiter: Limiter | undefined;
  /** Asked once there is one. */
  readonly generations: () => Succession;
}

/** What lets model calls in: within the limits of their callers, and of the process. */
export interface AdmissionParts {
  readonly limiter: Limiter;
  readonly leases: Leases;
  readonly overload: Overload;
  /** How model calls begin, whoever makes them. */
  readonly calls: Pick<Services, "chat" | "explain" | "forward">;
  configure(config: GatewayConfig): void;
}

/** Builds them. Does no I/O. */
export function wireAdmission({ config, clock, logger, redis, limiter, generations }: AdmissionDeps): AdmissionParts {
  const { instances } = config;
  const link = redis?.link ?? null;
  const leases = new Leases({ clock, link, instances }, config.limits);
  const running = () => generations().running;
  const overload = new Overload({ clock, logger, running, memory: memoryUse }, config.overload);

  function respond(call: ModelCall, context: CallContext): Promise<GatewayResponse> {
    overload.admit();
    return generations().current.calls.respond(call, context);
  }

  function limiterOf(): Limiter {
    if (limiter) return fallbackLimiter(limiter, { clock, logger });
    return link ? sharedLimiter({ link, clock, instances }) : memoryLimiter({ clock });
  }

  return {
    limiter: limiterOf(),
    leases,
    overload,
    calls: {
      chat: (data, context) => leases.hold(context, chatSize(data), (leased) => respond(new ChatCall(data), leased)),
      explain: (data, context) => generations().current.explain(new ChatCall(data), context),
      forward: (data, context) =>
        leases.hold(context, forwardSize(data), (leased) => respond(new ForwardCall(data), leased)),
    },
    configure(next) {
      leases.configure(next.limits);
      overload.configure(next.overload);
    },
  };
}

function chatSize({ text, request }: ChatData): CallSize {
  return { characters: text.length, answerTokens: request.max_completion_tokens ?? request.max_tokens ?? 0 };
}

function forwardSize({ body }: ForwardData): CallSize {
  return { characters: typeof body === "string" ? body.length : 0, answerTokens: 0 }; // sound and pictures are no text
}
