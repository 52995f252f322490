import type { Kysely } from "kysely";
import type { StoreTables } from "./store-tables.js";

/** Runs one piece of work on the open database and turns its failures into `GatewayError`s. */
export type WithDatabase = <Result>(work: (db: Kysely<StoreTables>) => Promise<Result>) => Promise<Result>;
