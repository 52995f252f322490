import type { PresetsService } from "./http/services.js";
import type { NewTerminalPreset, TerminalPresetPatch, TerminalPresetView } from "./schemas/terminal-preset.js";
import type { Actor } from "./spec/call.js";

const APPLICATION: Actor = {};

/**
 * Prepared connections, as an application uses them. Secrets go in and never come out. Each change may name on whose
 * behalf it is made; default: the application's own.
 */
export class GatewayPresets {
  readonly #service: PresetsService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: PresetsService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Every prepared connection, by name. */
  async list(): Promise<readonly TerminalPresetView[]> {
    await this.#usable();
    return this.#service.list();
  }

  /** One of them. @throws GatewayError `not_found` */
  async get(id: string): Promise<TerminalPresetView> {
    await this.#usable();
    return this.#service.get(id);
  }

  /** Prepares a connection. @throws GatewayError `invalid_request`, `conflict`, `not_configured` without a master key, `store_unavailable` */
  async create(preset: NewTerminalPreset, actor = APPLICATION): Promise<TerminalPresetView> {
    await this.#usable();
    return this.#service.create(preset, actor);
  }

  /** Changes one for whoever opens it from now on. @throws GatewayError as `create`, `not_found` */
  async update(id: string, patch: TerminalPresetPatch, actor = APPLICATION): Promise<TerminalPresetView> {
    await this.#usable();
    return this.#service.update(id, patch, actor);
  }

  /** Removes one; terminals that are open stay open. @throws GatewayError `not_found`, `store_unavailable` */
  async delete(id: string, actor = APPLICATION): Promise<void> {
    await this.#usable();
    return this.#service.remove(id, actor);
  }
}
