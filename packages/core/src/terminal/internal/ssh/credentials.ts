import type { AuthHandlerMiddleware, KeyboardInteractiveAuthMethod, PasswordAuthMethod } from "ssh2";
import { GatewayError } from "../../../errors.js";
import type { Ssh2 } from "./peer.js";
import { parsePrivateKey, type SigningKey, signingKey } from "./private-key.js";

/** How somebody proves who he is to a host. */
export interface SshLogin {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
}

type Method = "publickey" | "password" | "keyboard-interactive";

/** The secrets of one login, until {@link Credentials.forget}. Nothing of them shows in JSON, logs or inspection. */
export class Credentials {
  readonly username: string;
  #key: SigningKey | null = null;
  #password: Buffer | null = null;
  readonly #unanswered = new Set<string>();

  /**
   * @param at - where the login stands in the request, for errors: empty, or `jump[0].`
   * @throws GatewayError `invalid_request` naming the field
   */
  constructor(ssh2: Ssh2, { username, password, privateKey, passphrase }: SshLogin, at: string) {
    if (username === undefined) throw missing(`${at}username`, "required");
    if (password === undefined && privateKey === undefined) {
      throw missing(`${at}password`, "required, unless there is a privateKey");
    }
    this.username = username;
    if (password !== undefined) this.#password = Buffer.from(password);
    if (privateKey !== undefined) this.#key = signingKey(ssh2, parsePrivateKey(ssh2, privateKey, passphrase));
  }

  /** What the host asked and nobody could answer, such as a verification code. */
  get unanswered(): readonly string[] {
    return [...this.#unanswered];
  }

  /** Overwrites the password and lets go of the key. */
  forget(): void {
    this.#password?.fill(0);
    this.#password = null;
    this.#key?.forget();
    this.#key = null;
  }

  /** Tries what the host takes, each way once: the key, then the password as such or as the answer to its question. */
  authHandler(): AuthHandlerMiddleware {
    const tried = new Set<Method>();
    const { username } = this;
    let begun = false;
    return (offered, partialSuccess, next) => {
      if (!begun) {
        begun = true; // asks the host what it takes (RFC 4252 5.2)
        return next({ type: "none", username });
      }
      if (partialSuccess) tried.delete("password"); // it was right, and one more proof is wanted
      const method = this.#untried(tried).find((each) => offered.includes(each));
      if (!method) return next(NO_MORE);
      tried.add(method);
      if (method === "publickey" && this.#key) return next({ type: "publickey", username, key: this.#key.key });
      return next(method === "password" ? this.#byPassword() : this.#byKeyboard());
    };
  }

  #untried(tried: ReadonlySet<Method>): readonly Method[] {
    const methods: Method[] = this.#key ? ["publickey"] : [];
    // A refused password is not tried a second time as an answer: it counts twice against the user.
    if (this.#password && !tried.has("password")) methods.push("password", "keyboard-interactive");
    return methods.filter((method) => !tried.has(method));
  }

  #byPassword(): PasswordAuthMethod {
    const bytes: unknown = this.#password;
    // The library takes bytes too, which can be overwritten; its types know of text only.
    return { type: "password", username: this.username, password: bytes as string };
  }

  #byKeyboard(): KeyboardInteractiveAuthMethod {
    let answered = false;
    return {
      type: "keyboard-interactive",
      username: this.username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const [first] = prompts;
        const asksForPassword = prompts.length === 1 && first?.echo !== true && !answered && this.#password;
        if (!asksForPassword) {
          for (const { prompt } of answered ? [] : prompts)
            this.#unanswered.add(
              prompt
                .replace(/\p{Cc}/gu, " ")
                .trim()
                .slice(0, 100),
            );
          return finish([]);
        }
        answered = true;
        finish([asksForPassword.toString()]);
      },
    };
  }
}

const nothing: unknown = false;
/** Says that there is nothing left to try; the library's types know of methods only. */
const NO_MORE = nothing as "none";

function missing(param: string, what: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: ${what}` });
}
