import type { Kysely, Migration } from "kysely";

/** Catalogue changes and the counter that tells when they changed. */
export const models: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("sluice_models")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("model", "text")
      .execute();
    await db.schema
      .createTable("sluice_revisions")
      .addColumn("name", "text", (column) => column.primaryKey().notNull())
      .addColumn("revision", "bigint", (column) => column.notNull())
      .execute();
    await db
      .withTables<{ sluice_revisions: { name: string; revision: number } }>()
      .insertInto("sluice_revisions")
      .values({ name: "models", revision: 0 })
      .execute();
  },
};
