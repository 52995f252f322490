import type { AuditRow } from "../schemas/audit.js";
import type { Actor } from "./call.js";

/** Something worth a row of the audit log. */
export interface AuditEvent {
  /** What was done, such as `key.create`. */
  readonly action: string;
  /** What it was done to. */
  readonly target: string | null;
  /** @defaultValue `ok` */
  readonly outcome?: AuditRow["outcome"];
  /** Never a secret. @defaultValue none */
  readonly details?: AuditRow["details"];
}

/** Takes a row for the audit log; it is written later, and whoever reports it never waits for that. */
export type RecordAudit = (event: AuditEvent, actor: Actor) => void;
