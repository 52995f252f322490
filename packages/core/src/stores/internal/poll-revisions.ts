import type { Clock } from "../../clock.js";
import type { ChangeNotice } from "../../spec/store.js";
import type { WithDatabase } from "./with-database.js";

const POLL_MS = 1_000;

/**
 * Tells every second at which revision each kind of entry is, for databases that send no notices: that is how a server
 * learns what a command line, or another server on the same file, has changed.
 */
export function pollRevisions(withDatabase: WithDatabase, clock: Clock, onChange: ChangeNotice): () => void {
  return clock.every(POLL_MS, () => {
    withDatabase((db) => db.selectFrom("sluice_revisions").select(["name", "revision"]).execute()).then(
      (rows) => {
        for (const { name, revision } of rows) onChange(name, Number(revision));
      },
      () => {}, // what cannot be read now is read a second later
    );
  });
}
