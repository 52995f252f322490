/** What cannot stand in a text column: NUL and half a surrogate pair. A row's JSON keeps both. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** A value to find a row by. What a stranger sent, such as a user name, may hold anything. */
export function keyText(text: string): string {
  return text.replace(UNSTORABLE, "\uFFFD");
}
