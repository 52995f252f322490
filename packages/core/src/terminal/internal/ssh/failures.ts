import { GatewayError, isGatewayError } from "../../../errors.js";

/** A failure as the SSH library reports it. */
interface LibraryError extends Error {
  /** Where it happened. */
  readonly level?: string;
}

const LOST = "CONNECTION_LOST";
/** What a host says when it has heard enough wrong logins; the library takes it for a mere disconnection. */
const TOO_MANY = /authentication failures/i;

/**
 * What a caller may know of a failure while connecting. The library's own text goes to logs at most: the host writes
 * parts of it.
 * @param name - the host, as messages name it
 * @param unanswered - what the host asked and nobody could answer
 */
export function sshFailure(error: unknown, name: string, unanswered: readonly string[]): GatewayError {
  // OpenSSH hangs up on whoever leaves a question open.
  const isLeft = unanswered.length > 0 && isGatewayError(error) && error.upstreamCode === LOST;
  if (isGatewayError(error) && !isLeft) return error;
  const { level = "", message } = error as LibraryError; // the library throws errors only
  if (isLeft || level === "client-authentication" || TOO_MANY.test(message)) {
    const asked = unanswered.length > 0 ? `; it asked: ${unanswered.join(" ")} (see answers)` : "";
    return new GatewayError("remote_auth_failed", {
      details: `${name} refused the login${asked}`,
      upstreamCode: "SSH_AUTH_FAILED",
      cause: error,
    });
  }
  if (level === "client-timeout") {
    return new GatewayError("remote_timeout", { details: silent(name), upstreamCode: "SSH_TIMEOUT", cause: error });
  }
  const [details, upstreamCode] =
    level === "client-socket" ? [broken(name), "CONNECT_FAILED"] : [strange(name), "SSH_PROTOCOL"];
  return new GatewayError("remote_failed", { details, upstreamCode, cause: error });
}

/** The connection is gone. */
export function connectionLost(name: string, cause?: unknown): GatewayError {
  return new GatewayError("remote_failed", { details: broken(name), upstreamCode: LOST, cause });
}

function broken(name: string): string {
  return `the connection to ${name} broke off`;
}

function silent(name: string): string {
  return `${name} did not answer in time`;
}

function strange(name: string): string {
  return `${name} does not speak SSH as this client does`;
}
