import { userInfo } from "node:os";
import type { RunAs } from "./run-as.js";

/** Where programs are found on any Unix. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The variables a terminal starts with: nothing is inherited from the gateway, whose environment holds keys. `given` wins,
 * the later over the earlier.
 */
export function terminalEnvironment(
  runAs: RunAs | undefined,
  shell: string,
  ...given: readonly (Readonly<Record<string, string>> | undefined)[]
): Record<string, string> {
  const { username, homedir } = runAs ? { username: String(runAs.uid), homedir: "/" } : userInfo();
  const own = {
    PATH: SYSTEM_PATH,
    HOME: homedir || "/",
    USER: username,
    LOGNAME: username,
    SHELL: shell,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
  };
  return Object.assign({}, own, ...given);
}
