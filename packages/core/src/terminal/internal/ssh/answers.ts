import type { Prompt } from "ssh2";
import type { SshAnswer } from "../../../schemas/terminal.js";

const PASSWORD = /passw|passphrase/i;

interface Held {
  /** In lower case; null for any question. */
  readonly prompt: string | null;
  readonly answer: Buffer;
}

/** What there is to say to a host that asks (RFC 4256): the password, and further answers, each once. */
export class Answers {
  readonly #further: Held[];
  readonly #answered = new Set<string>();
  readonly #unanswered = new Set<string>();
  #password: Buffer | null;

  /** @param password - which whoever made it overwrites himself */
  constructor(password: Buffer | null, further: readonly SshAnswer[] = []) {
    this.#password = password;
    this.#further = further.map((each) => {
      const { prompt, answer } = typeof each === "string" ? { answer: each } : each;
      return { prompt: prompt?.toLowerCase() ?? null, answer: Buffer.from(answer) };
    });
  }

  /** Whether there is anything to say. */
  get areThere(): boolean {
    return this.#password !== null || this.#further.length > 0;
  }

  /** Whether more than the password is known. */
  get areFurther(): boolean {
    return this.#further.length > 0;
  }

  /** What was asked and could not be answered, such as a verification code. */
  get unanswered(): readonly string[] {
    return [...this.#unanswered];
  }

  /** Overwrites the further answers. */
  forget(): void {
    for (const { answer } of this.#further) answer.fill(0);
    this.#password = null;
  }

  /** The answers to questions that come together; none at all where one has no answer. */
  to(prompts: readonly Prompt[]): string[] {
    const answers = prompts.map((prompt) => this.#answer(prompt, prompts.length === 1));
    return answers.every((each) => each !== null) ? answers : [];
  }

  /** One that names the question, then the password where it is what is asked for, then the next of the others. */
  #answer({ prompt, echo = false }: Prompt, isAlone: boolean): string | null {
    const text = prompt.toLowerCase();
    const named = this.#take((each) => each.prompt !== null && text.includes(each.prompt));
    if (named !== null) return this.#note(prompt, named);
    const others = () => this.#take((each) => each.prompt === null);
    const password = () => (echo ? null : this.#takePassword());
    const found = PASSWORD.test(prompt) ? (password() ?? others()) : (others() ?? (isAlone ? password() : null));
    return this.#note(prompt, found);
  }

  #take(fits: (each: Held) => boolean): string | null {
    const at = this.#further.findIndex(fits);
    const [taken] = at < 0 ? [] : this.#further.splice(at, 1);
    const text = taken?.answer.toString() ?? null;
    taken?.answer.fill(0);
    return text;
  }

  /** Not a second time: whoever asks again has refused it. */
  #takePassword(): string | null {
    const password = this.#password?.toString() ?? null;
    this.#password = null;
    return password;
  }

  #note(prompt: string, answer: string | null): string | null {
    const shown = prompt
      .replace(/\p{Cc}/gu, " ")
      .trim()
      .slice(0, 100);
    if (answer !== null) this.#answered.add(shown);
    else if (!this.#answered.has(shown)) this.#unanswered.add(shown);
    return answer;
  }
}
