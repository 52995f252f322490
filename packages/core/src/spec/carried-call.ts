import type { TerminalSession } from "../schemas/terminal.js";
import type { GatewayResponse, Identity, LeaveSignal } from "./http.js";

/** A request as one instance hands it to another, which has what it is about: checked, and its caller known. */
export interface CarriedCall {
  readonly operationId: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly identity: Identity;
  readonly address: string | undefined;
  readonly requestId: string;
}

/** Answers a call that another instance has carried here. Rejects with what the route throws. */
export type ServeCarried = (call: CarriedCall, left: LeaveSignal) => Promise<GatewayResponse>;

/** A terminal that another instance has. */
export interface TerminalElsewhere {
  /** As lists show it: not connected once its instance has ended. */
  view(): TerminalSession;
  readonly owner: string;
  /** Whether its instance is there. */
  readonly isAlive: boolean;
  /**
   * Has its instance answer a call.
   * @throws GatewayError what the route throws there; `conflict` when the instance ends meanwhile, `store_unavailable`
   */
  carry(call: CarriedCall, left: LeaveSignal): Promise<GatewayResponse>;
  /** Takes one off the list whose instance has ended. */
  forget(): Promise<void>;
}
