/** One spelling for all the spellings of an answer: `N:` and six significant digits, `L:` and a letter, or `T:` and text. */
export function canonicalAnswer(found: string): string | null {
  const plain = withoutMarkup(found);
  if (plain === "") return null;
  return optionLetter(plain) ?? number(plain) ?? literal(plain) ?? `T:${bare(plain)}`;
}

/** Code ticks, bold, LaTeX's wrappers and what stands before a comparison's `==` are not part of the answer. */
function withoutMarkup(text: string): string {
  const unwrapped = text
    .replace(/\\(?:text|mathrm|mathbf|textbf)\{([^{}]*)\}/g, "$1")
    .replace(/\\[()[\]]|\\[,;! ]|`|\*\*/g, "")
    .replace(/\\%/g, "%")
    .replace(/\\\$/g, "$")
    .replace(/^\$(.*)\$$/s, "$1")
    .replace(/^\{(.*)\}$/s, (whole, inner: string) => (inner.includes(":") ? whole : inner))
    .trim();
  const compared = unwrapped.lastIndexOf("==");
  return (compared < 0 ? unwrapped : unwrapped.slice(compared + 2)).trim();
}

const OPTION = /^(?:option\s+)?(?:\(([A-Z])\)|([A-Z])(?=[).:]|$))/i;

/** `B`, `(B)`, `(B) with its text`, `B. with its text`: the letter says it all. */
function optionLetter(text: string): string | null {
  const match = OPTION.exec(text);
  const letter = match?.[1] ?? match?.[2];
  return letter ? `L:${letter.toUpperCase()}` : null;
}

const AMOUNT =
  /^(?:[≈~=]\s*)?([-+−]?)\s*[$€£¥]?\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)(?:\s*(?:%|°|[A-Za-zµ²³/°][\w²³/.° -]{0,30}))?[.!]?$/;

/** A number, whatever its unit, currency, percent sign or thousands separators. */
function number(text: string): string | null {
  const match = AMOUNT.exec(text);
  const digits = match?.[2]?.replaceAll(",", "") ?? "";
  if (!/\d/.test(digits)) return null;
  const value = Number(digits) * (match?.[1] === "-" || match?.[1] === "−" ? -1 : 1);
  return Number.isFinite(value) ? `N:${Number(value.toPrecision(6))}` : null;
}

/** A JSON or Python literal, written anew; a quoted string is the same answer as the bare one. */
function literal(text: string): string | null {
  const json = text
    .replace(/'((?:[^'\\]|\\.)*)'/g, (_, inner: string) => JSON.stringify(inner))
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/\bNone\b/g, "null")
    .replace(/^\((.*,.*)\)$/s, "[$1]");
  if (!/^[[{"tfn]/.test(json)) return null;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? `T:${bare(value)}` : `T:${JSON.stringify(value)}`;
  } catch {
    return null;
  }
}

/** Case stays: it means something where answers are code. */
function bare(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/\.$/, "")
    .replace(/^(["'])(.*)\1$/, "$2")
    .trim();
}
