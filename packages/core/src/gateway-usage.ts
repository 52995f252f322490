import type { UsageService } from "./http/services.js";
import type { UsageGroup } from "./schemas/usage-totals.js";
import {
  type RequestPage,
  type RequestReceipt,
  RequestsRequest,
  type UsageReport,
  UsageRequest,
} from "./schemas/usage-view.js";
import { validate } from "./schemas/validate.js";

/** Whose usage, and of when; what is left out does not narrow. */
export interface UsageQuery {
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  /** The first day or time. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The ledger as an application reads it: everything in it. */
export class GatewayUsage {
  readonly #service: UsageService;
  readonly #usable: () => Promise<void>;

  /** Made by the gateway. */
  constructor(service: UsageService, usable: () => Promise<void>) {
    this.#service = service;
    this.#usable = usable;
  }

  /** What one request went through and what it cost. @throws GatewayError `not_found`, `store_unavailable` */
  async request(id: string): Promise<RequestReceipt> {
    await this.#usable();
    return this.#service.request(id, undefined);
  }

  /** Requests, newest first; `before` is the `nextCursor` of the page before. @throws GatewayError `invalid_request`, `store_unavailable` */
  async requests(
    query: UsageQuery & { readonly limit?: number | undefined; readonly before?: string | undefined } = {},
  ): Promise<RequestPage> {
    await this.#usable();
    return this.#service.requests(validate(RequestsRequest, query), undefined);
  }

  /** Sums by day, key, user, model and more. @throws GatewayError `invalid_request`, `store_unavailable` */
  async totals(
    query: UsageQuery & { readonly groupBy?: readonly UsageGroup[] | undefined } = {},
  ): Promise<UsageReport> {
    await this.#usable();
    const { groupBy = ["day"], ...rest } = query;
    return this.#service.totals(validate(UsageRequest, { ...rest, groupBy: groupBy.join(",") }), undefined);
  }
}
