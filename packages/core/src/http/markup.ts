/** HTML that is safe to embed as it is. */
export interface Markup {
  readonly text: string;
}

type Part = string | Markup | readonly Markup[] | undefined;

/** Marks text as HTML. */
export function raw(text: string): Markup {
  return { text };
}

/** A template in which everything that is not markup is escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, part] of parts.entries()) text += render(part) + (strings[index + 1] ?? "");
  return { text };
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  return "text" in part ? part.text : part.map(({ text }) => text).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
