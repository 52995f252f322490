import { type Kysely, sql, type Transaction } from "kysely";
import type { Entries, EntryKind, EntryStore } from "../../spec/store.js";
import { entryExists } from "./entry-exists.js";
import { decodeEntry, encodeEntry } from "./entry-row.js";
import type { StoreTables } from "./store-tables.js";
import type { WithDatabase } from "./with-database.js";

/** What a write makes of the entry it found; see {@link EntryStore.update}. */
type Change<Entry extends object, Next> = (current: Entry | null | undefined) => Next;

/** Entries of one kind in SQL tables, whatever the database. */
export function sqlEntries<Entry extends object>(
  withDatabase: WithDatabase,
  kind: EntryKind<Entry>,
): EntryStore<Entry> {
  async function write<Next extends Entry | null | undefined>(id: string, change: Change<Entry, Next>): Promise<Next> {
    let refusal: { readonly reason: unknown } | undefined;
    const decide: Change<Entry, Next> = (current) => {
      try {
        return change(current);
      } catch (reason) {
        refusal = { reason };
        throw reason; // rolls the transaction back
      }
    };
    try {
      return await withDatabase((db) =>
        db.transaction().execute((open) => writeEntry(open, { kind, id, change: decide })),
      );
    } catch (error) {
      // What the caller's own function threw is the caller's, not a failure of the store.
      throw refusal ? refusal.reason : error;
    }
  }

  return {
    load: () => withDatabase((db) => loadEntries(db, kind)),
    async create(id, entry) {
      await write(id, (current) => {
        if (current) throw entryExists(kind.name, id);
        return entry;
      });
    },
    update: write,
    reset: () =>
      withDatabase((db) =>
        db.transaction().execute(async (transaction) => {
          await countUp(transaction, kind.name);
          await transaction.deleteFrom("sluice_entries").where("kind", "=", kind.name).execute();
        }),
      ),
  };
}

/** One statement, so that revision and entries belong together without a transaction. */
async function loadEntries<Entry extends object>(
  db: Kysely<StoreTables>,
  kind: EntryKind<Entry>,
): Promise<Entries<Entry>> {
  const rows = await db
    .selectFrom("sluice_revisions")
    .leftJoin("sluice_entries", "sluice_entries.kind", "sluice_revisions.name")
    .where("sluice_revisions.name", "=", kind.name)
    .select(["sluice_revisions.revision", "sluice_entries.id", "sluice_entries.entry"])
    .execute();
  const entries = new Map<string, Entry | null>();
  for (const { id, entry } of rows) {
    if (id !== null) entries.set(id, decodeEntry(kind, id, entry));
  }
  // No counter: nothing of this kind was ever written.
  return { revision: Number(rows[0]?.revision ?? 0), entries };
}

interface EntryWrite<Entry extends object, Next> {
  readonly kind: EntryKind<Entry>;
  readonly id: string;
  readonly change: Change<Entry, Next>;
}

async function writeEntry<Entry extends object, Next extends Entry | null | undefined>(
  transaction: Transaction<StoreTables>,
  { kind, id, change }: EntryWrite<Entry, Next>,
): Promise<Next> {
  // First, because its row lock makes every other writer wait, also where a transaction does not lock all.
  await countUp(transaction, kind.name);
  const row = await transaction
    .selectFrom("sluice_entries")
    .where("kind", "=", kind.name)
    .where("id", "=", id)
    .select("entry")
    .executeTakeFirst();
  const next = change(row === undefined ? undefined : decodeEntry(kind, id, row.entry));
  if (next === undefined) {
    await transaction.deleteFrom("sluice_entries").where("kind", "=", kind.name).where("id", "=", id).execute();
    return next;
  }
  const entry = encodeEntry(next);
  await transaction
    .insertInto("sluice_entries")
    .values({ kind: kind.name, id, entry })
    .onConflict((conflict) => conflict.columns(["kind", "id"]).doUpdateSet({ entry }))
    .execute();
  return next;
}

async function countUp(transaction: Transaction<StoreTables>, name: string): Promise<void> {
  await transaction
    .insertInto("sluice_revisions")
    .values({ name, revision: 1 })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ revision: sql`sluice_revisions.revision + 1` }))
    .execute();
}
