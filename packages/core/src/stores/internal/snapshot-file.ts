import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { Entries, EntryKind } from "../../spec/store.js";

const FORMAT = 1;

/** The entries of one kind in a file of their own. Their owner alone may read it: entries hold hashes of secrets. */
export class SnapshotFile<Entry extends object> {
  readonly #path: string;
  readonly #kind: string;
  readonly #schema: z.ZodType<{ readonly revision: number; readonly entries: [string, Entry | null][] }>;
  #next: Entries<Entry> | null = null;
  #savedRevision = -1;
  #writing: Promise<void> | null = null;

  constructor(path: string, { name, schema }: EntryKind<Entry>) {
    this.#path = path;
    this.#kind = name;
    this.#schema = z.object({
      format: z.literal(FORMAT),
      kind: z.literal(name),
      revision: z.int(),
      entries: z.array(z.tuple([z.string(), schema.nullable()])),
    });
  }

  /** What was saved last; null where nothing was, or nothing that can be read. */
  async read(): Promise<Entries<Entry> | null> {
    try {
      const { revision, entries } = this.#schema.parse(JSON.parse(await readFile(this.#path, "utf8")));
      return { revision, entries: new Map(entries) };
    } catch {
      return null;
    }
  }

  /** Saves a state; of several that come while one is written only the last is. Rejects when the disk does. */
  save(held: Entries<Entry>): Promise<void> {
    if (held.revision > (this.#next?.revision ?? this.#savedRevision)) this.#next = held;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let held = this.#next; held !== null; held = this.#next) {
      this.#next = null;
      await this.#write(held);
      this.#savedRevision = held.revision;
    }
  }

  /** Written beside its place and moved there, so that nobody ever finds half of it. */
  async #write({ revision, entries }: Entries<Entry>): Promise<void> {
    const beside = `${this.#path}.${process.pid}`;
    const text = JSON.stringify({ format: FORMAT, kind: this.#kind, revision, entries: [...entries] });
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      await writeFile(beside, text, { mode: 0o600 });
      await rename(beside, this.#path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }
}
