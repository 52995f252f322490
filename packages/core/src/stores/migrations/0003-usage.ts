import type { Kysely, Migration } from "kysely";

const SUMS = [
  "requests",
  "calls",
  "failed",
  "unknownCosts",
  "input",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "output",
  "reasoning",
  "cost",
  "estimatedCost",
];

/** The ledger and its sums by day. */
export const usage: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("sluice_usage")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("request_id", "text", (column) => column.notNull())
      .addColumn("attempt", "integer", (column) => column.notNull())
      .addColumn("key_id", "text")
      .addColumn("user_id", "text")
      .addColumn("row", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("sluice_usage_by_request").on("sluice_usage").column("request_id").execute();
    await db.schema.createIndex("sluice_usage_by_key").on("sluice_usage").columns(["key_id", "id"]).execute();
    await db.schema.createIndex("sluice_usage_by_user").on("sluice_usage").columns(["user_id", "id"]).execute();
    await createDaily(db);
  },
};

async function createDaily(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("sluice_usage_daily")
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("tag", "text", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("model", "text", (column) => column.notNull())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("layer", "text", (column) => column.notNull())
    .addColumn("operation", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("sluice_usage_daily_key", [
      "day",
      "tag",
      "key_id",
      "user_id",
      "model",
      "provider",
      "layer",
      "operation",
    ])
    .execute();
  for (const name of SUMS) {
    await db.schema
      .alterTable("sluice_usage_daily")
      .addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
      .execute();
  }
}
