/** Why connections are closed, as WebSocket codes: those above 4400 are HTTP's with 4000 added. */
export const CLOSE_CODES = { deleted: 4404, shutdown: 1001, expired: 4401, busy: 4429, mistake: 1008 } as const;

/** A connection that carries whole messages both ways: a WebSocket, as the gateway uses it. */
export interface MessageSocket {
  /** Sends text or bytes as one message. */
  send(message: string | Uint8Array): void;
  /** Ends the connection (RFC 6455 7.4). */
  close(code: number, reason: string): void;
  /** Called with each message; set by whoever takes the connection, before any message is delivered. */
  onMessage: (message: string | Uint8Array) => void;
  /** Called once when the connection has ended, whoever ended it. */
  onClose: () => void;
}
