import { type Kysely, type Migration, Migrator } from "kysely";
import { migrations as everyMigration } from "../migrations/index.js";
import type { StoreTables } from "./store-tables.js";

/**
 * Brings the tables up to date; does nothing where they are.
 * @param migrations fewer than all, to make the tables of an earlier version
 */
export async function migrate(
  db: Kysely<StoreTables>,
  migrations: Readonly<Record<string, Migration>> = everyMigration,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: "sluice_migration",
    migrationLockTableName: "sluice_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
