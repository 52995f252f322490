import type { AuditRow } from "../schemas/audit.js";

/** Which rows of the audit log are asked for; what is left out does not narrow. */
export interface AuditFilter {
  readonly instance?: string | undefined;
  /** The actor's id. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: AuditRow["outcome"] | undefined;
}

/** A page of the audit log. */
export interface AuditQuery {
  /** Only rows older than this one: the last of the page before. */
  readonly before?: Pick<AuditRow, "at" | "id"> | undefined;
  /** How many rows at most. */
  readonly limit: number;
  readonly filter?: AuditFilter | undefined;
}

/** The audit log: rows are added and read, never changed. */
export interface AuditStore {
  /** Adds rows, all or none; one whose id is there already is left as it is, so that a batch may be sent again. */
  append(rows: readonly AuditRow[]): Promise<void>;
  /** Rows from the newest to the oldest: by `at`, then by `id`. */
  list(query: AuditQuery): Promise<readonly AuditRow[]>;
}
