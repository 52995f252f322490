const MAX_CHARACTERS = 1_900; // an audit row takes 2,000
const SECRETS = [
  /\b(?:sk|pk|slc|ghp|gho|xox[a-z])[-_][A-Za-z0-9_-]{8,}/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /(?<=\bBearer )[\w.~+/-]{8,}/gi,
  /(?<=\b(?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)[^\s"';|&]+/gi,
];

/** A command as an audit log may show it: short, without what looks like a secret, control characters made visible. */
export function redacted(command: string): string {
  let text = command.slice(0, MAX_CHARACTERS);
  for (const secret of SECRETS) text = text.replace(secret, "[redacted]");
  return text
    .replace(/\p{Cc}/gu, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .slice(0, MAX_CHARACTERS);
}
