/** What can go wrong on a connection, besides what the operating system says. */
export type Http1ErrorCode =
  | "UPSTREAM_CLOSED"
  | "CONNECT_TIMEOUT"
  | "HEAD_TOO_LARGE"
  | "BAD_HEAD"
  | "BAD_CHUNK"
  | "UPGRADED"
  | "CLIENT_CLOSED";

/** A connection that cannot be used any further. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
  readonly code: Http1ErrorCode;

  constructor(code: Http1ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
