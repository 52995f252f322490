import { IncomingMessage } from "node:http";

/**
 * A request that is an upgrade only when it asks for a WebSocket, or for a tunnel. With a listener for upgrades Node.js would take others for
 * one too, whose sender only offers HTTP/2 (RFC 7540 3.2) and means an ordinary request with a body.
 */
export class UpgradeRequest extends IncomingMessage {
  /** Set by Node.js before the headers are there, and by the constructor it inherits. */
  declare private _offersUpgrade: boolean | null;

  /** Whether this is to become another protocol. */
  get upgrade(): boolean {
    if (this._offersUpgrade !== true) return false;
    return this.method === "CONNECT" || this.headers.upgrade?.toLowerCase() === "websocket";
  }

  set upgrade(offers: boolean | null) {
    this._offersUpgrade = offers;
  }
}
