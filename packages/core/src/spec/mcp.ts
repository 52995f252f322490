import type { GatewayRequest, GatewayResponse, Identity, LeaveSignal } from "./http.js";

/** A request on the MCP route, and whose it is. */
export interface McpRequest {
  readonly method: string;
  readonly headers: GatewayRequest["headers"];
  /** The message of a POST, parsed. */
  readonly message: unknown;
  readonly identity: Identity;
  readonly signal: LeaveSignal;
  /** Whether the caller may know of terminals at all, here and now. */
  mayUseTerminals(): Promise<boolean>;
}

/** The MCP server as routes use it. */
export interface McpService {
  /**
   * Answers a request.
   * @throws GatewayError `not_found` for a session that is not the caller's, `invalid_request`, `rate_limit_exceeded`,
   * `forbidden` where a session has terminals that its caller may not use from here, `not_installed`
   */
  handle(request: McpRequest): Promise<GatewayResponse>;
}
