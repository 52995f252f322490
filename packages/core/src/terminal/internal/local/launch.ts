/** Where a program of a session starts. */
export interface Place {
  readonly cwd: string;
  /** Where it starts when its user cannot go there. @defaultValue nowhere: it ends with {@link NO_SUCH_PLACE} */
  readonly otherwise?: string;
}

/** The status of a launch into a directory that its user cannot go to. */
export const NO_SUCH_PLACE = 72;

/**
 * Goes to the directory and sets limits as the user that the program runs as: the gateway itself may be allowed to go where
 * that user may not. `cd -P` and `unset`: the program finds the variables that it would have found without this.
 */
const SCRIPT =
  `cd -P -- "$1" 2>/dev/null || cd -P -- "$2" 2>/dev/null || exit ${NO_SUCH_PLACE}; ` +
  'unset OLDPWD; ulimit -c 0; shift 2; exec "$@"';

/** The program to start, in `/`, that becomes the given one. */
export function launching(
  { cwd, otherwise = cwd }: Place,
  [program, args]: readonly [program: string, args: readonly string[]],
): readonly [program: string, args: string[]] {
  return ["/bin/sh", ["-c", SCRIPT, "sh", cwd, otherwise, program, ...args]];
}
