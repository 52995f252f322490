const MAX_CHARACTERS = 1_900; // an audit row takes 2,000
const HIDDEN = "[redacted]";
/** What is a key by its look alone. */
const KEY_SHAPES = [
  /\b(?:sk|pk|slc|ghp|gho|xox[a-z])[-_][A-Za-z0-9_-]{8,}/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /(?<=\bBearer )[\w.~+/-]{8,}/gi,
];
/** What is called one. */
const NAMED_SECRETS = /(?<=\b(?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)[^\s"';|&]+/gi;

/** A command as an audit log may show it: short, without what looks like a secret, control characters made visible. */
export function redacted(command: string): string {
  return keyShapesRedacted(command.slice(0, MAX_CHARACTERS))
    .replace(NAMED_SECRETS, HIDDEN)
    .replace(/\p{Cc}/gu, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .slice(0, MAX_CHARACTERS);
}

/** Text without what is a key by its look; code that speaks of passwords stays as it is. */
export function keyShapesRedacted(text: string): string {
  return KEY_SHAPES.reduce((rest, shape) => rest.replace(shape, HIDDEN), text);
}
