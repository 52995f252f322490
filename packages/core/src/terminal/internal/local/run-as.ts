/** The user that local terminals run as; only a gateway that runs as root can choose another than its own. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes a process by `start`, at once. One of another user must not get the further groups that the gateway is in: Node.js
 * sees to that where it starts one itself, bindings do not.
 * @throws where groups cannot be changed, as in a worker thread
 */
export function withoutGroups<Process>(runAs: RunAs | undefined, start: () => Process): Process {
  if (!runAs || !process.getgroups || !process.setgroups) return start();
  const groups = process.getgroups();
  process.setgroups([]);
  try {
    return start();
  } finally {
    process.setgroups(groups);
  }
}
