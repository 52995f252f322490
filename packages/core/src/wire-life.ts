import { succeedsWithin } from "./clock.js";
import type { Auditor } from "./routing/audit/auditor.js";
import type { KeptOutcomes } from "./routing/pre-route/kept-outcomes.js";
import type { AdmissionParts } from "./wire-admission.js";
import type { Base } from "./wire-base.js";
import type { CatalogueParts } from "./wire-catalogue.js";
import type { IdentityParts } from "./wire-identity.js";
import type { LiveProviders } from "./wire-live-providers.js";
import type { LazyMcp } from "./wire-mcp.js";
import type { Succession } from "./wire-succession.js";
import type { LazyTerminals } from "./wire-terminals.js";
import type { UsageParts } from "./wire-usage.js";

/** How far a gateway is. */
export type Phase = "starting" | "ready" | "draining";

/** Everything that has to be opened, or closed. */
export interface LifeDeps {
  readonly base: Base;
  readonly identity: IdentityParts;
  readonly catalogue: CatalogueParts;
  readonly providers: LiveProviders;
  readonly usage: UsageParts;
  readonly outcomes: KeptOutcomes;
  readonly auditor: Auditor;
  readonly admission: AdmissionParts;
  readonly terminals: LazyTerminals;
  readonly mcp: LazyMcp;
  readonly generations: Succession;
  /** Whether secrets that cannot be read keep it from opening. */
  readonly isStrict: boolean;
}

/** The longest that a part which talks to the store may take to close. */
const LAST_WORD_MS = 1_000;

/** What is opened first and closed last, and so on. */
export class Life {
  readonly #deps: LifeDeps;
  #phase: Phase = "starting";

  constructor(deps: LifeDeps) {
    this.#deps = deps;
  }

  get phase(): Phase {
    return this.#phase;
  }

  async open(): Promise<void> {
    const { base, identity, catalogue, providers, usage, outcomes, terminals } = this.#deps;
    const { overlay } = providers;
    usage.book.open(); // before the store, which it does not need
    base.notices.open();
    await Promise.all([base.redis?.link.open(), base.store.open(), base.masterKeys.open?.()]);
    await Promise.all([catalogue.catalog.open(), overlay.changes.open(), terminals.open()]);
    await Promise.all([identity.open(), outcomes.start(), usage.alerts.open()]);
    this.assertReadable();
    catalogue.warnOfStrangers(); // those made at run time are known by now
    await catalogue.discovery.start();
    await usage.budgets.open();
    if (this.#phase === "starting") this.#phase = "ready";
  }

  /** @throws GatewayError `not_configured`, `store_unavailable` where kept secrets do not open and must */
  assertReadable(): void {
    const { providers, terminals, isStrict } = this.#deps;
    if (isStrict) for (const each of [providers.overlay, terminals]) each.assertReadable();
  }

  drain(): void {
    this.#phase = "draining";
  }

  /** @param graceMs how long calls that run get to end by themselves */
  async close(graceMs: number): Promise<void> {
    this.drain();
    const { base, identity, catalogue, providers, usage, outcomes, admission, terminals, mcp, generations } =
      this.#deps;
    const { auditor } = this.#deps;
    const within = (ms: number, work: Promise<unknown>) => succeedsWithin(base.clock, ms, work);
    await mcp.close(); // its clients would ask for terminals
    await terminals.close(); // before calls: what they run would go on while those finish
    await within(graceMs, generations.idle());
    generations.stopAll();
    auditor.stop();
    await generations.idle();
    await usage.book.close();
    await within(LAST_WORD_MS, outcomes.stop());
    catalogue.discovery.stop();
    catalogue.catalog.close();
    providers.overlay.changes.close();
    await Promise.all([usage.alerts.close(), usage.budgets.close()]);
    identity.close();
    await within(LAST_WORD_MS, identity.end());
    admission.leases.close();
    base.notices.close();
    base.redis?.link.close();
    await generations.close();
    await base.store.close();
  }
}
