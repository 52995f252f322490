import type { AuthHandlerMiddleware, KeyboardInteractiveAuthMethod, PasswordAuthMethod } from "ssh2";
import { GatewayError } from "../../../errors.js";
import type { SshAnswer } from "../../../schemas/terminal.js";
import { Answers } from "./answers.js";
import type { Ssh2 } from "./peer.js";
import { parsePrivateKey, type SigningKey, signingKey } from "./private-key.js";

/** How somebody proves who he is to a host. */
export interface SshLogin {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly answers?: readonly SshAnswer[] | undefined;
}

type Method = "publickey" | "password" | "keyboard-interactive";

/** Ways to log in with what one knows. */
const BY_WORDS = ["password", "keyboard-interactive"] as const;

/** The secrets of one login, until {@link Credentials.forget}. Nothing of them shows in JSON, logs or inspection. */
export class Credentials {
  readonly username: string;
  #key: SigningKey | null = null;
  #password: Buffer | null = null;
  readonly #answers: Answers;

  /**
   * @param at - where the login stands in the request, for errors: empty, or `jump[0].`
   * @throws GatewayError `invalid_request` naming the field
   */
  constructor(ssh2: Ssh2, { username, password, privateKey, passphrase, answers }: SshLogin, at: string) {
    if (username === undefined) throw missing(`${at}username`, "required");
    if (password !== undefined) this.#password = Buffer.from(password);
    this.#answers = new Answers(this.#password, answers);
    if (privateKey === undefined && !this.#answers.areThere) {
      throw missing(`${at}password`, "required, unless there is a privateKey");
    }
    this.username = username;
    if (privateKey !== undefined) this.#key = signingKey(ssh2, parsePrivateKey(ssh2, privateKey, passphrase));
  }

  /** What the host asked and nobody could answer, such as a verification code. */
  get unanswered(): readonly string[] {
    return this.#answers.unanswered;
  }

  /** Overwrites the password and the answers, and lets go of the key. */
  forget(): void {
    this.#password?.fill(0);
    this.#password = null;
    this.#answers.forget();
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
      if (partialSuccess) for (const each of BY_WORDS) tried.delete(each); // it was right, and one more proof is wanted
      const method = this.#untried(tried).find((each) => offered.includes(each));
      if (!method) return next(NO_MORE);
      tried.add(method);
      if (method === "publickey" && this.#key) return next({ type: "publickey", username, key: this.#key.key });
      return next(method === "password" ? this.#byPassword() : this.#byKeyboard());
    };
  }

  #untried(tried: ReadonlySet<Method>): readonly Method[] {
    const methods: Method[] = this.#key && !tried.has("publickey") ? ["publickey"] : [];
    // What is refused one way is not tried the other way too: it counts twice against the user.
    if (BY_WORDS.some((each) => tried.has(each))) return methods;
    // Whoever brings more than a password knows that the host asks for more, which it cannot do by the first way.
    if (this.#answers.areFurther) methods.push("keyboard-interactive");
    if (this.#password) methods.push("password");
    if (this.#answers.areThere) methods.push("keyboard-interactive");
    return methods;
  }

  #byPassword(): PasswordAuthMethod {
    const bytes: unknown = this.#password;
    // The library takes bytes too, which can be overwritten; its types know of text only.
    return { type: "password", username: this.username, password: bytes as string };
  }

  #byKeyboard(): KeyboardInteractiveAuthMethod {
    return {
      type: "keyboard-interactive",
      username: this.username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(this.#answers.to(prompts)),
    };
  }
}

const nothing: unknown = false;
/** Says that there is nothing left to try; the library's types know of methods only. */
const NO_MORE = nothing as "none";

function missing(param: string, what: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: ${what}` });
}
