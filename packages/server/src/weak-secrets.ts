/** Passwords and secrets that stand in documentation somewhere, and the words such are put together from. */
const SAMPLES = [
  "administrator",
  "admin",
  "root",
  "user",
  "password",
  "passw0rd",
  "passwort",
  "changeme",
  "changethis",
  "change",
  "replaceme",
  "replace",
  "letmein",
  "please",
  "welcome",
  "secret",
  "super",
  "your",
  "my",
  "jwt",
  "token",
  "key",
  "256bit",
  "default",
  "example",
  "placeholder",
  "insecure",
  "qwertyuiop",
  "qwerty",
  "abcdefghijklmnopqrstuvwxyz",
  "abcdef",
  "keyboardcat",
  "sluice",
] as const;

const ANY_SAMPLE = new RegExp([...SAMPLES].sort((one, other) => other.length - one.length).join("|"), "g");
const SEQUENCE = "12345678901234567890123456789012";
const MIN_DIFFERENT_CHARACTERS = 8;
/** A part this long may well be random itself. */
const MIN_PERIOD = 16;

/** Whether a text is nothing but samples and digits, however written: `Admin123`, `change-me-change-me`. */
export function isSample(text: string): boolean {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  if (plain !== "" && SEQUENCE.includes(plain)) return true;
  const rest = plain.replace(ANY_SAMPLE, "");
  return rest.length < plain.length && /^\d*$/.test(rest);
}

/** Whether a secret has too few characters of its own: `aaaa…`, or a short part over and over. */
export function isMonotonous(text: string): boolean {
  const period = (text + text).indexOf(text, 1);
  return period < MIN_PERIOD || new Set(text).size < MIN_DIFFERENT_CHARACTERS;
}

/** How many bytes a secret stands for: hexadecimal and base64 count as what they decode to. */
export function secretBytes(secret: string): number {
  if (/^(?:[0-9a-f]{2})+$/i.test(secret)) return secret.length / 2;
  const decoded = Buffer.from(secret, "base64"); // reads the URL alphabet too
  const forms = [
    decoded.toString("base64"),
    decoded.toString("base64").replace(/=+$/, ""),
    decoded.toString("base64url"),
  ];
  // Words joined by hyphens are in the alphabet as well; what a machine encoded has every kind of character.
  const mixed = /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);
  return mixed && forms.includes(secret) ? decoded.length : Buffer.byteLength(secret);
}
