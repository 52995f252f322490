import type { AuditService } from "./http/services.js";
import { type AuditPage, AuditRequest } from "./schemas/audit-page.js";
import { validate } from "./schemas/validate.js";

/** The audit log, as an application reads it. */
export class GatewayAudit {
  readonly #service: AuditService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: AuditService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** Rows, the newest first; the next page begins at `nextCursor`. @throws GatewayError `invalid_request`, `store_unavailable` */
  async list(query: Partial<AuditRequest> = {}): Promise<AuditPage> {
    await this.#usable();
    return this.#service.list(validate(AuditRequest, query));
  }
}
