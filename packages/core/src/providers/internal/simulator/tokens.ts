/** Six letters and the space before them: about four characters a token in most prose. */
const TOKEN = /\s*\S{1,6}|\s+$/gu;
const WORD = /\s*\S{1,24}|\s+$/gu;

/** Cuts a text into what the simulator counts as tokens; joined they are the text again. */
export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Cuts a text into words, spaces in front; joined they are the text again. */
export function wordsOf(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** Tokens left to say; takes from each text what still fits. */
export class TokenBudget {
  spent = 0;
  /** Whether something had to be cut off. */
  exceeded = false;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** As much of `text` as the budget allows. */
  take(text: string): string {
    const tokens = tokensOf(text);
    const room = this.#limit - this.spent;
    this.spent += Math.min(room, tokens.length);
    if (tokens.length <= room) return text;
    this.exceeded = true;
    return tokens.slice(0, room).join("");
  }
}
