/** What callers may know of a failure of the machine: the system's name for it, such as ENOSPC. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException; // a system call's error, mostly
  return code ?? "what was made for it is not as it was";
}
