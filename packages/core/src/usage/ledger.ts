import type { CallContext } from "../spec/call.js";
import type { LedgerDeps } from "./ledger-deps.js";
import { type AccountedCall, RequestAccount } from "./request-account.js";

/** Opens the account of each request; each upstream call of it leaves exactly one row. */
export class Ledger {
  readonly #deps: LedgerDeps;

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
  }

  /** The account of one request. */
  open(context: CallContext, call: AccountedCall): RequestAccount {
    return new RequestAccount(context, call, this.#deps);
  }
}
