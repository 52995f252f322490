import type { Kysely, Migration } from "kysely";

/** One table for every kind of entry, which takes over the models; and the audit log. */
export const entries: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("sluice_entries")
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("entry", "text")
      .addPrimaryKeyConstraint("sluice_entries_key", ["kind", "id"])
      .execute();
    await moveModels(db.withTables<MovedTables>());
    await db.schema.dropTable("sluice_models").execute();
    await createAudit(db);
  },
};

type MovedTables = {
  sluice_models: { id: string; model: string | null };
  sluice_entries: { kind: string; id: string; entry: string | null };
};

async function moveModels(db: Kysely<MovedTables>): Promise<void> {
  await db
    .insertInto("sluice_entries")
    .columns(["kind", "id", "entry"])
    .expression(db.selectFrom("sluice_models").select((row) => [row.val("models").as("kind"), "id", "model"]))
    .execute();
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("sluice_audit")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("instance", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("target", "text")
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("row", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sluice_audit_by_time").on("sluice_audit").columns(["at", "id"]).execute();
}
