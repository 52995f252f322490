import { type Kysely, type Migration, Migrator } from "kysely";
import { migrations as everyMigration } from "../migrations/index.js";
import type { StoreTables } from "./store-tables.js";

/** Options of {@link migrate}. */
export interface MigrateOptions {
  /** Where the tables are, for a database with several schemas: tables of one name elsewhere must not be taken for ours. */
  readonly schema?: string | undefined;
  /** Fewer than all, to make the tables of an earlier version. */
  readonly migrations?: Readonly<Record<string, Migration>>;
}

/** Brings the tables up to date; does nothing where they are. */
export async function migrate(
  db: Kysely<StoreTables>,
  { schema, migrations = everyMigration }: MigrateOptions = {},
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: "sluice_migration",
    migrationLockTableName: "sluice_migration_lock",
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Whether a later version, or another branch of this software, has migrated these tables. */
export function isForeignMigration(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("corrupted migrations");
}
