import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../../errors.js";

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/**
 * A conversation's own file, of one line of JSON for everything that happened. Each line is on the disk before what it
 * tells of goes on: after a crash what was begun stands there, and at most its last line is not whole.
 */
export class AgentTranscript {
  readonly #folder: string;
  readonly #conversation: string;
  readonly #first: () => object;
  #file: Promise<FileHandle> | null = null;
  #last: Promise<void> = Promise.resolve();
  /** What is missing before the next row. */
  #before: "first row" | "end of a row" | null = "first row";

  /** @param first - the row that it begins with */
  constructor(folder: string, conversation: string, first: () => object) {
    this.#folder = folder;
    this.#conversation = conversation;
    this.#first = first;
  }

  /** Whether there is anything in it. */
  get hasBegun(): boolean {
    return this.#file !== null;
  }

  /** Resolves when a row is on the disk. @throws GatewayError `store_unavailable` */
  write(row: object): Promise<void> {
    const written = this.#last.then(() => this.#append(row));
    this.#last = written.catch(() => {}); // whoever wrote it is told
    return written;
  }

  /** Nothing more will be written. */
  async close(): Promise<void> {
    await this.#last;
    await (await this.#file?.catch(() => null))?.close().catch(() => {}); // all of it is there already
  }

  async #append(row: object): Promise<void> {
    try {
      this.#file ??= this.#open();
      const file = await this.#file;
      const before = { "first row": () => `${JSON.stringify(this.#first())}\n`, "end of a row": () => "\n" };
      const line = `${this.#before ? before[this.#before]() : ""}${JSON.stringify(row)}\n`;
      this.#before = "end of a row"; // unless all of it gets there
      await file.appendFile(line);
      await file.datasync();
      this.#before = null;
    } catch (cause) {
      throw new GatewayError("store_unavailable", { details: "the transcript cannot be written", cause });
    }
  }

  #open(): Promise<FileHandle> {
    const opening = mkdir(this.#folder, { recursive: true, mode: 0o700 }).then(() =>
      open(join(this.#folder, `${this.#conversation}.jsonl`), NEW, 0o600),
    );
    opening.catch(() => {
      this.#file = null; // the next row tries again
    });
    return opening;
  }
}
