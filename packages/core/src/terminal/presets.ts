import type { Clock } from "../clock.js";
import { GatewayError, isGatewayError } from "../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../live-entries.js";
import { TerminalPreset } from "../schemas/terminal.js";
import {
  NewTerminalPreset,
  PRESETS,
  type StoredPreset,
  TerminalPresetPatch,
  type TerminalPresetView,
} from "../schemas/terminal-preset.js";
import { validate } from "../schemas/validate.js";
import type { Sealer } from "../secrets/sealer.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import { assertSamePlace, joined, type OpenPart, parted, presetView } from "./internal/preset-parts.js";

/** What {@link Presets} works with. */
export interface PresetsDeps {
  readonly configured: Readonly<Record<string, TerminalPreset>>;
  readonly store: LiveEntriesOptions<StoredPreset>["store"];
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly audit: RecordAudit;
  readonly onError: (error: unknown) => void;
}

/** Prepared connections: those of the configuration, overlaid by what was made and changed at run time. */
export class Presets {
  readonly #deps: PresetsDeps;
  readonly #configured: ReadonlyMap<string, TerminalPreset>;
  readonly #changes: LiveEntries<StoredPreset>;

  constructor(deps: PresetsDeps) {
    const { configured, store, onError } = deps;
    this.#deps = deps;
    this.#configured = new Map(Object.entries(configured));
    this.#changes = new LiveEntries({ store, kind: PRESETS, onError });
  }

  /** @throws GatewayError `store_unavailable` */
  open(): Promise<void> {
    return this.#changes.open();
  }

  close(): void {
    this.#changes.close();
  }

  /**
   * A prepared connection with its secrets, for whoever opens it; undefined where there is none.
   * @throws GatewayError `not_configured`, `store_unavailable` where its secrets do not open
   */
  find(id: string): TerminalPreset | undefined {
    const stored = this.#changes.entries.get(id);
    return stored === undefined ? this.#configured.get(id) : stored === null ? undefined : this.#opened(stored);
  }

  /** Every prepared connection, by name. */
  list(): readonly TerminalPresetView[] {
    const names = [...new Set([...this.#configured.keys(), ...this.#changes.entries.keys()])].sort();
    return names.filter((id) => this.#changes.entries.get(id) !== null).map((id) => this.get(id));
  }

  /** @throws GatewayError `not_found` */
  get(id: string): TerminalPresetView {
    const stored = this.#changes.entries.get(id);
    const about = { id, source: stored ? "created" : "configuration", changedAt: stored?.changedAt ?? null } as const;
    try {
      const preset = this.find(id);
      if (preset) return presetView(preset, { ...about, problem: null });
    } catch (error) {
      if (!stored || !isGatewayError(error)) throw error;
      return presetView(stored.preset as OpenPart, { ...about, problem: error.details ?? error.message }); // see `#sealed`
    }
    throw notFound(id);
  }

  /** @throws GatewayError `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  async create(input: NewTerminalPreset, actor: Actor): Promise<TerminalPresetView> {
    const { id, ...fields } = validate(NewTerminalPreset, input);
    const stored = this.#sealed(id, validate(TerminalPreset, fields));
    await this.#changes.update(id, (current) => {
      if (current || (current === undefined && this.#configured.has(id))) {
        throw new GatewayError("conflict", { param: "id", details: `there is a preset ${id} already` });
      }
      return stored;
    });
    this.#record("terminal.preset.create", stored, input, actor);
    return this.get(id);
  }

  /** @throws GatewayError `not_found`, `invalid_request`, `not_configured`, `store_unavailable` */
  async update(id: string, input: TerminalPresetPatch, actor: Actor): Promise<TerminalPresetView> {
    const patch = validate(TerminalPresetPatch, input);
    const stored = await this.#changes.update(id, (current) => {
      const before = current === undefined ? this.#configured.get(id) : current && this.#opened(current);
      if (!before) throw notFound(id);
      return this.#sealed(id, patched(id, before, patch));
    });
    this.#record("terminal.preset.update", stored, input, actor);
    return this.get(id);
  }

  /** Terminals that are open stay open. @throws GatewayError `not_found`, `store_unavailable` */
  async remove(id: string, actor: Actor): Promise<void> {
    await this.#changes.update(id, (current) => {
      const isConfigured = this.#configured.has(id);
      if (current === null || (current === undefined && !isConfigured)) throw notFound(id);
      return isConfigured ? null : undefined;
    });
    this.#deps.audit({ action: "terminal.preset.delete", target: id }, actor);
  }

  /** Brings what older master keys have sealed under the current one. Returns how many were changed. @throws GatewayError `not_configured`, `store_unavailable` */
  reseal(): Promise<number> {
    return this.#deps.sealer.resealAll(this.#changes, PRESETS.name);
  }

  /** @throws GatewayError `not_configured`, `store_unavailable` where the secrets of one do not open */
  assertReadable(): void {
    for (const stored of this.#changes.entries.values()) if (stored) this.#opened(stored);
  }

  #opened({ id, preset, sealed }: StoredPreset): TerminalPreset {
    const secrets = sealed === null ? {} : this.#deps.sealer.open(sealed, { kind: PRESETS.name, id });
    return joined(id, preset, secrets);
  }

  #sealed(id: string, preset: TerminalPreset): StoredPreset {
    const { open, secrets } = parted(preset);
    const sealed = secrets === null ? null : this.#deps.sealer.seal(secrets, { kind: PRESETS.name, id });
    return { id, preset: open, sealed, changedAt: new Date(this.#deps.clock.now()).toISOString() };
  }

  /** The host is told, since that is where the secrets go. */
  #record(action: string, { id, preset }: StoredPreset, input: object, actor: Actor): void {
    const fields = Object.keys(input).join(",").slice(0, 500);
    this.#deps.audit({ action, target: id, details: { fields, host: String(preset.host) } }, actor);
  }
}

function patched(id: string, before: TerminalPreset, patch: TerminalPresetPatch): TerminalPreset {
  const { id: named, type, ...fields } = patch;
  if (named !== undefined && named !== id) throw fixed("id");
  if (type !== undefined && type !== before.type) throw fixed("type");
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...before, ...Object.fromEntries(said) });
  const after = validate(TerminalPreset, Object.fromEntries(merged.filter(([, value]) => value !== null)));
  assertSamePlace(before, after, patch);
  return after;
}

function fixed(param: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: cannot be changed; make another preset` });
}

function notFound(id: string): GatewayError {
  return new GatewayError("not_found", { details: `there is no preset ${id.slice(0, 64)}` });
}
