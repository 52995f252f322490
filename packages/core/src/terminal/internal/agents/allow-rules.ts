import { whyNeverAllowed } from "./never-allowed.js";
import { simpleCommand } from "./simple-command.js";

/** Commands that need nobody's approval. Everything about them is said; what is not said is not allowed. */
export interface AllowRule {
  /** The words it begins with, exactly: `git log`. */
  readonly command: string;
  /** Flags that may follow, as they are written; one that ends in `=` takes any value: `--max-count=`. @defaultValue none */
  readonly flags?: readonly string[] | undefined;
  /** Whether words that are no flags may follow, such as paths. @defaultValue false */
  readonly operands?: boolean | undefined;
}

/** A rule that has been checked. */
interface CheckedRule {
  readonly name: string;
  readonly words: readonly string[];
  readonly flags: readonly string[];
  readonly operands: boolean;
}

/** Rules by which commands are allowed without asking: only one simple command, and only if every word of it is named. */
export class AllowRules {
  readonly #rules: readonly CheckedRule[];

  /** @throws TypeError for a rule that could allow anything */
  constructor(rules: readonly (string | AllowRule)[]) {
    this.#rules = rules.map((rule) => checked(typeof rule === "string" ? { command: rule } : rule));
  }

  /** The rule that allows a command, with the command's words; or why none does. */
  match(command: string): { readonly rule: string; readonly words: readonly string[] } | { readonly why: string } {
    const words = simpleCommand(command);
    if (words === null) return { why: "it is not one simple command" };
    const rule = this.#rules.find((each) => allows(each, words));
    return rule ? { rule: rule.name, words } : { why: "no rule allows it" };
  }
}

function checked({ command, flags = [], operands = false }: AllowRule): CheckedRule {
  const words = simpleCommand(command);
  if (words === null) throw new TypeError(`allow: "${command}" is not one simple command`);
  const notFlag = flags.find((flag) => !/^-{1,2}[A-Za-z0-9][\w.-]*=?$/.test(flag));
  if (notFlag !== undefined) throw new TypeError(`allow: "${notFlag}" of "${command}" is not a flag`);
  const reason = whyNeverAllowed(words, flags, operands);
  if (reason !== null) throw new TypeError(`allow: "${command}" cannot be allowed without asking: ${reason}`);
  return { name: command, words, flags, operands };
}

function allows({ words, flags, operands }: CheckedRule, given: readonly string[]): boolean {
  if (words.length > given.length || !words.every((word, at) => word === given[at])) return false;
  let onlyOperands = false; // after --
  return given.slice(words.length).every((word) => {
    if (!onlyOperands && operands && word === "--") {
      onlyOperands = true;
      return true;
    }
    if (onlyOperands || !word.startsWith("-")) return operands;
    return flags.some((flag) => (flag.endsWith("=") ? word.startsWith(flag) : word === flag));
  });
}
