/**
 * Whether a name fits a pattern in which `*` stands for anything and `?` for one character. Only the last `*` is ever
 * gone back to, so that no pattern takes longer than its length times the name's; as a regular expression it could.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  let star: { readonly after: number; eaten: number } | null = null;
  while (at < name.length) {
    if (pattern[next] === "*") {
      star = { after: ++next, eaten: at };
    } else if (pattern[next] === "?" || pattern[next] === name[at]) {
      at++;
      next++;
    } else if (star) {
      at = ++star.eaten;
      next = star.after;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
