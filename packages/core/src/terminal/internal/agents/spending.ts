import type { ConversationBudget } from "./policy.js";

/** What one conversation has used of its budget. */
export class Spending {
  readonly #budget: ConversationBudget;
  #commands = 0;
  #runMs = 0;
  #outputCharacters = 0;

  constructor(budget: ConversationBudget) {
    this.#budget = budget;
  }

  /** Milliseconds that commands may still run. */
  get remainingMs(): number {
    return Math.max(0, this.#budget.runMs - this.#runMs);
  }

  /** What is used up, in words; null while there is something of everything. */
  get exhausted(): string | null {
    const { commands, runMs, outputCharacters } = this.#budget;
    if (this.#commands >= commands) return `${commands} commands have been run`;
    if (this.#runMs >= runMs) return `commands have run for ${runMs} ms`;
    if (this.#outputCharacters >= outputCharacters) return `${outputCharacters} characters of output have been read`;
    return null;
  }

  command(): void {
    this.#commands++;
  }

  ran(ms: number): void {
    this.#runMs += ms;
  }

  read(characters: number): void {
    this.#outputCharacters += characters;
  }
}
