import { stat } from "node:fs/promises";

const LOOK_MS = 200;
/** A file that never stands still is read nevertheless after so many looks. */
const MOST_PUT_OFF = 2;

/**
 * Looks again and again whether a file has changed, been replaced, gone or come. Looking works on every file system and
 * through links, which notices of the system do not. What is being written is left alone until it stands still.
 */
export class FileWatch {
  readonly #file: string;
  readonly #onChange: () => Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  /** The state that was told last; null before the first look. */
  #told: string | null = null;
  #seen = "";
  #putOff = 0;
  #looking = false;

  /** @param onChange - looks are suspended until it settles; it reports its own failures */
  constructor(file: string, onChange: () => Promise<unknown>) {
    this.#file = file;
    this.#onChange = onChange;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
    void this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#compare(await stateOf(this.#file));
    } finally {
      this.#looking = false;
    }
  }

  async #compare(state: string): Promise<void> {
    if (this.#told === null || state === this.#told) {
      this.#told = state;
      this.#putOff = 0;
    } else if (state === this.#seen || this.#putOff >= MOST_PUT_OFF) {
      this.#told = state;
      this.#putOff = 0;
      await this.#onChange().catch(() => undefined);
    } else {
      this.#putOff++;
    }
    this.#seen = state;
  }
}

/** What changes when a file does. */
async function stateOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
