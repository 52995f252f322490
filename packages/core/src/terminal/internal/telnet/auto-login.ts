import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import type { TelnetConnection } from "./connection.js";

/** How long to wait for each prompt. */
const PROMPT_MS = 10_000;

/** A prompt stands at the end of what was written; more than this of it is not looked at. */
const MAX_TAIL = 512;

const USER_PROMPTS = ["login:", "username:", "user name:", "user:"];
const PASSWORD_PROMPTS = ["password:", "passcode:"];

/** What to type when a host asks who is there. */
export interface TelnetLogin {
  readonly username: Uint8Array;
  readonly password: Uint8Array | undefined;
  /** The text after which the host waits for each. @defaultValue the usual ones */
  readonly userPrompt: string | undefined;
  readonly passwordPrompt: string | undefined;
}

/** Options of {@link logIn}. */
export interface LoginOptions {
  readonly connection: TelnetConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The host, as messages name it. */
  readonly name: string;
}

/**
 * Types a name and a password when the host asks for them. Whether they were right is for whoever reads what follows:
 * each host says so in its own way.
 * @throws GatewayError `remote_timeout` when a prompt does not come, `remote_failed`
 */
export async function logIn(login: TelnetLogin, options: LoginOptions): Promise<void> {
  const { username, password, userPrompt, passwordPrompt } = login;
  await prompt(userPrompt === undefined ? USER_PROMPTS : [userPrompt], "a user name", options);
  await enter(username, options);
  if (password === undefined) return;
  await prompt(passwordPrompt === undefined ? PASSWORD_PROMPTS : [passwordPrompt], "a password", options);
  await enter(password, options);
}

function enter(text: Uint8Array, { connection }: LoginOptions): Promise<void> {
  return connection.write(Buffer.concat([text, Buffer.from("\r")]));
}

/** Resolves when what the host has written ends in one of the texts, case and white space aside. */
function prompt(texts: readonly string[], what: string, options: LoginOptions): Promise<void> {
  const { connection, clock, signal, name } = options;
  const prompts = texts.map((text) => text.trim().toLowerCase());
  let tail = "";
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => {
      cancel();
      unwatch();
      signal.removeEventListener("abort", leave);
      settled();
    };
    const leave = () => settle(() => reject(signal.reason));
    const late = () =>
      new GatewayError("remote_timeout", {
        details: `${name} did not ask for ${what}; without username nothing is waited for`,
        upstreamCode: "LOGIN_TIMEOUT",
      });
    const cancel = clock.after(PROMPT_MS, () => settle(() => reject(late())));
    const lost = () =>
      new GatewayError("remote_failed", { details: `${name} hung up`, upstreamCode: "CONNECTION_LOST" });
    let unwatch = () => {};
    signal.addEventListener("abort", leave, { once: true });
    unwatch = connection.watch({
      onData(data) {
        tail = (tail + Buffer.from(data).toString("latin1")).slice(-MAX_TAIL);
        const end = tail.trimEnd().toLowerCase();
        if (prompts.some((text) => end.endsWith(text))) settle(resolve);
      },
      onEnd: () => settle(() => reject(lost())),
    });
  });
}
