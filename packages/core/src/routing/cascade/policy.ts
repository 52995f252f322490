import type { ChatRequest } from "../../schemas/chat.js";
import type { GatewayConfig } from "../../schemas/options.js";

/** How a second answer is come by: from a cheaper model, from an equal one, or not at all. */
export type Verifying = "cheaper" | "equal" | null;

/** What one request's cascade may do. */
export interface Policy {
  readonly mode: GatewayConfig["routing"]["mode"];
  /** Whether the first answer comes from the free layer even where a cheap one stands ready. */
  readonly freeFirst: boolean;
  readonly verifying: Verifying;
  /** Whether a rejected answer is replaced by one of a higher layer. */
  readonly escalates: boolean;
  /** One layer up, or at once to the ceiling: steps between were measured to cost more than they save. */
  readonly climbs: "step" | "ceiling";
  /** Whether the caller gets to see both answers. */
  readonly reports: boolean;
}

const MODES: Readonly<Record<Policy["mode"], Pick<Policy, "freeFirst" | "verifying" | "climbs">>> = {
  off: { freeFirst: false, verifying: null, climbs: "step" },
  economy: { freeFirst: false, verifying: null, climbs: "step" },
  balanced: { freeFirst: false, verifying: "cheaper", climbs: "ceiling" },
  quality: { freeFirst: false, verifying: "equal", climbs: "ceiling" },
  "free-first": { freeFirst: true, verifying: "equal", climbs: "ceiling" },
};

/** What the configuration permits and the request asks for; null where nothing of a cascade is left. */
export function policyOf(sluice: ChatRequest["sluice"], routing: GatewayConfig["routing"]): Policy | null {
  const reports = routing.enableCrossCheck && sluice?.crossCheck === true;
  const asked = sluice?.escalate ?? routing.mode !== "off";
  const escalates = routing.enableAutoEscalate && asked;
  if (!escalates && !reports) return null;
  const mode = routing.mode === "off" && escalates ? "economy" : routing.mode;
  const { verifying, ...rest } = MODES[escalates ? mode : "off"];
  return {
    ...rest,
    mode,
    escalates,
    reports,
    verifying: routing.enableCrossCheck ? (verifying ?? (reports ? "cheaper" : null)) : null,
  };
}
