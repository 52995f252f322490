import type { z } from "zod";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One problem of a refused value: where it is, and what is wrong, in words that never repeat the value. */
export interface Problem {
  readonly path: Path;
  readonly problem: string;
}

const MAX_NAME = 64;
const MAX_PATH = 200;
const MAX_PROBLEM = 300;

/** Puts a schema's complaint into one short line. */
export function describeIssue(issue: Issue, above: Path = []): Problem {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return { path: [...path, issue.keys[0] ?? ""], problem: "is not a known field" };
    case "invalid_union":
      return describeUnion(issue, path);
    case "invalid_key":
    case "invalid_element":
      return issue.issues[0]
        ? { path, problem: describeIssue(issue.issues[0]).problem }
        : { path, problem: "is invalid" };
    default:
      return { path, problem: oneLine(describePlain(issue)) };
  }
}

function describePlain(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return describeType(issue.expected, issue.message);
    case "invalid_value":
      return `expected ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(quote).join(", ")}`;
    case "too_small":
      return `must ${sized(issue.origin, "least", Number(issue.minimum), issue.inclusive ?? true)}`;
    case "too_big":
      return `must ${sized(issue.origin, "most", Number(issue.maximum), issue.inclusive ?? true)}`;
    default:
      return withoutPrefix(issue.message);
  }
}

function describeType(expected: string, message: string): string {
  // The schema library keeps the refused value's type in its message alone.
  const received = /, received (\w+)$/.exec(message)?.[1];
  if (expected === "never") return "is not allowed here";
  if (received === "undefined") return `is required (${withArticle(expected)})`;
  if (expected === "int" && received === "number") return "expected a whole number";
  return `expected ${withArticle(expected)}${received ? `, received ${received}` : ""}`;
}

/**
 * A union failed as a whole. The branch that got furthest into the value is the one the caller meant; where every
 * branch stopped at once, the caller is told what would have been taken.
 */
function describeUnion(issue: Issue & { code: "invalid_union" }, path: Path): Problem {
  if (issue.errors.length === 0) return { path, problem: oneLine(withoutPrefix(issue.message)) };
  const branches = issue.errors.flatMap((branch) => (branch[0] ? [describeIssue(branch[0], path)] : []));
  const deepest = branches.reduce((best, branch) => (branch.path.length > best.path.length ? branch : best));
  if (deepest.path.length > path.length) return deepest;
  const meant = issue.errors.find((branch) => branch[0] && branch[0].code !== "invalid_type" && !branch[0].path.length);
  if (meant?.[0] && meant[0].code !== "invalid_union" && meant[0].code !== "invalid_value") {
    return describeIssue(meant[0], path);
  }
  return { path, problem: oneLine(joinBranches(branches.map((branch) => branch.problem))) };
}

/** `expected a string, received number` and `expected an array, received number` become one sentence. */
function joinBranches(problems: readonly string[]): string {
  const missing = problems.map((problem) => /^is required \((.+)\)$/.exec(problem)?.[1]);
  if (missing.every((wanted) => wanted !== undefined)) return `is required (${[...new Set(missing)].join(" or ")})`;
  const received = /(, received \w+)$/.exec(problems[0] ?? "")?.[1] ?? "";
  const wanted = problems.map((problem) => problem.replace(/, received \w+$/, ""));
  const rest = wanted.slice(1).map((problem) => problem.replace(/^expected /, ""));
  return `${[wanted[0], ...new Set(rest)].join(" or ")}${received}`;
}

function sized(origin: string, bound: "least" | "most", limit: number, inclusive: boolean): string {
  const unit = { string: "character", array: "item", set: "item", map: "entry", file: "byte" }[origin];
  if (unit) {
    if (bound === "least" && limit === 1) return "not be empty";
    return `have at ${bound} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
  }
  if (inclusive) return `be at ${bound} ${limit}`;
  return `be ${bound === "least" ? "greater" : "less"} than ${limit}`;
}

function withArticle(type: string): string {
  if (type === "int") return "a whole number";
  if (type === "record") return "an object";
  if (type === "null" || type === "undefined") return type;
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function withoutPrefix(message: string): string {
  const text = message.replace(/^(?:Invalid input|Invalid option|Invalid string|Invalid number): /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return flat.length > MAX_PROBLEM ? `${flat.slice(0, MAX_PROBLEM)}…` : flat;
}

/** `["messages", 0, "role"]` as `messages[0].role`; names the caller made up are quoted and cut. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]{0,63}$/.test(String(part))) text += `${text === "" ? "" : "."}${String(part)}`;
    else text += `[${JSON.stringify(String(part).slice(0, MAX_NAME))}]`;
  }
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text;
}
