import { readdirSync, readFileSync } from "node:fs";

/** CPU seconds a process has used so far, all threads together, as the scheduler counts them (nanoseconds exact). */
export function cpuSeconds(pid) {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const task of readdirSync(tasks)) nanoseconds += onCpu(`${tasks}/${task}/schedstat`);
  return nanoseconds / 1e9;
}

function onCpu(file) {
  try {
    return Number(readFileSync(file, "latin1").split(" ", 1)[0]);
  } catch {
    return 0; // the thread ended between the listing and the reading
  }
}
