import { type Kysely, sql, type Transaction } from "kysely";
import type { Entries, EntryKind, EntryStore } from "../../spec/store.js";
import { entryExists } from "./entry-exists.js";
import { decodeEntry, encodeEntry } from "./entry-row.js";
import type { StoreTables } from "./store-tables.js";
import type { WithDatabase } from "./with-database.js";
import { Refusal, WriteQueue } from "./write-queue.js";

/** Tells other instances of a write, within its transaction. */
export type Announce = (transaction: Transaction<StoreTables>, kind: string, revision: number) => Promise<void>;

/** Entries of every kind in SQL tables, whatever the database. Stores of one kind share its queue of writes. */
export function sqlEntries(
  withDatabase: WithDatabase,
  announce?: Announce,
): <Entry extends object>(kind: EntryKind<Entry>) => EntryStore<Entry> {
  const queues = new Map<string, WriteQueue>();

  function queueOf(kind: string): WriteQueue {
    const known = queues.get(kind);
    if (known) return known;
    const queue = new WriteQueue(withDatabase, async (transaction) => {
      // First, because its row lock makes every other writer wait, also where a transaction does not lock all.
      const revision = await countUp(transaction, kind);
      return async () => announce?.(transaction, kind, revision);
    });
    queues.set(kind, queue);
    return queue;
  }

  return (kind) => entriesOf(kind, withDatabase, queueOf(kind.name));
}

function entriesOf<Entry extends object>(
  kind: EntryKind<Entry>,
  withDatabase: WithDatabase,
  queue: WriteQueue,
): EntryStore<Entry> {
  const update: EntryStore<Entry>["update"] = (id, change) =>
    queue.add(async (transaction) => {
      const row = await transaction
        .selectFrom("sluice_entries")
        .where("kind", "=", kind.name)
        .where("id", "=", id)
        .select("entry")
        .executeTakeFirst();
      const next = refusable(() => change(row === undefined ? undefined : decodeEntry(kind, id, row.entry)));
      await put(transaction, { kind: kind.name, id }, next);
      return next;
    });

  return {
    load: () => withDatabase((db) => loadEntries(db, kind)),
    async create(id, entry) {
      await update(id, (current) => {
        if (current) throw entryExists(kind.name, id);
        return entry;
      });
    },
    update,
    reset: () =>
      queue.add(async (transaction) => {
        await transaction.deleteFrom("sluice_entries").where("kind", "=", kind.name).execute();
      }),
  };
}

/** What the caller's own function throws is the caller's, not a failure of the store. */
function refusable<Result>(decide: () => Result): Result {
  try {
    return decide();
  } catch (reason) {
    throw new Refusal(reason);
  }
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

async function put(
  transaction: Transaction<StoreTables>,
  { kind, id }: { readonly kind: string; readonly id: string },
  next: object | null | undefined,
): Promise<void> {
  if (next === undefined) {
    await transaction.deleteFrom("sluice_entries").where("kind", "=", kind).where("id", "=", id).execute();
    return;
  }
  const entry = encodeEntry(next);
  await transaction
    .insertInto("sluice_entries")
    .values({ kind, id, entry })
    .onConflict((conflict) => conflict.columns(["kind", "id"]).doUpdateSet({ entry }))
    .execute();
}

async function countUp(transaction: Transaction<StoreTables>, name: string): Promise<number> {
  const { revision } = await transaction
    .insertInto("sluice_revisions")
    .values({ name, revision: 1 })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ revision: sql`sluice_revisions.revision + 1` }))
    .returning("revision")
    .executeTakeFirstOrThrow();
  return Number(revision);
}
