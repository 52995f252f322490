import { type Kysely, sql, type Transaction } from "kysely";
import { GatewayError } from "../../errors.js";
import type { Model } from "../../schemas/model.js";
import type { ModelChanges, ModelStore } from "../../spec/store.js";
import { decodeModel, encodeModel } from "./model-row.js";
import type { StoreTables } from "./store-tables.js";

const COUNTER = "models";

/** What a write makes of the entry it found; see {@link ModelStore.update}. */
type Change<Entry> = (current: Model | null | undefined) => Entry;

/** Runs one piece of work on the open database and turns its failures into {@link GatewayError}s. */
export type WithDatabase = <Result>(work: (db: Kysely<StoreTables>) => Promise<Result>) => Promise<Result>;

/** Catalogue changes in SQL tables, whatever the database. */
export function sqlModels(withDatabase: WithDatabase): ModelStore {
  async function write<Entry extends Model | null>(id: string, change: Change<Entry>): Promise<Entry> {
    let refusal: { readonly reason: unknown } | undefined;
    const decide: Change<Entry> = (current) => {
      try {
        return change(current);
      } catch (reason) {
        refusal = { reason };
        throw reason; // rolls the transaction back
      }
    };
    try {
      return await withDatabase((db) => db.transaction().execute((open) => writeEntry(open, id, decide)));
    } catch (error) {
      // What the caller's own function threw is the caller's, not a failure of the store.
      throw refusal ? refusal.reason : error;
    }
  }

  return {
    load: () => withDatabase(loadChanges),
    async create(model) {
      await write(model.id, (current) => {
        if (current) throw new GatewayError("conflict", { details: `model ${model.id} exists already` });
        return model;
      });
    },
    update: write,
    reset: () =>
      withDatabase((db) =>
        db.transaction().execute(async (transaction) => {
          await countUp(transaction);
          await transaction.deleteFrom("sluice_models").execute();
        }),
      ),
  };
}

/** One statement, so that revision and entries belong together without a transaction. */
async function loadChanges(db: Kysely<StoreTables>): Promise<ModelChanges> {
  const rows = await db
    .selectFrom("sluice_revisions")
    .leftJoin("sluice_models", (join) => join.onTrue())
    .where("sluice_revisions.name", "=", COUNTER)
    .select(["sluice_revisions.revision", "sluice_models.id", "sluice_models.model"])
    .execute();
  if (rows[0] === undefined)
    throw new GatewayError("store_unavailable", { details: "the store has lost its counters" });
  const entries = new Map<string, Model | null>();
  for (const { id, model } of rows) {
    if (id !== null) entries.set(id, decodeModel(id, model));
  }
  return { revision: Number(rows[0].revision), entries };
}

async function writeEntry<Entry extends Model | null>(
  transaction: Transaction<StoreTables>,
  id: string,
  change: Change<Entry>,
): Promise<Entry> {
  // First, because its row lock makes every other writer wait, also where a transaction does not lock all.
  await countUp(transaction);
  const row = await transaction
    .selectFrom("sluice_models")
    .where("id", "=", id)
    .select(["id", "model"])
    .executeTakeFirst();
  const current = row === undefined ? undefined : decodeModel(id, row.model);
  const entry = change(current);
  const model = entry === null ? null : encodeModel(entry);
  await transaction
    .insertInto("sluice_models")
    .values({ id, model })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ model }))
    .execute();
  return entry;
}

async function countUp(transaction: Transaction<StoreTables>): Promise<void> {
  await transaction
    .updateTable("sluice_revisions")
    .set({ revision: sql`revision + 1` })
    .where("name", "=", COUNTER)
    .execute();
}
