import { type Kysely, Migrator } from "kysely";
import { migrations } from "../migrations/index.js";
import type { StoreTables } from "./store-tables.js";

/** Brings the tables up to date; does nothing where they are. */
export async function migrate(db: Kysely<StoreTables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: "sluice_migration",
    migrationLockTableName: "sluice_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
