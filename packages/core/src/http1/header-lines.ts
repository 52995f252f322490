const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
/** What the connection itself says. */
const OURS = new Set(["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect"]);

/**
 * Headers as they are written (RFC 9112 5), in visible ASCII (RFC 9110 5.5).
 * @throws TypeError for a name or value that would be read as something else
 */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = "";
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || OURS.has(name.toLowerCase())) throw new TypeError(`${name} cannot be sent as a header`);
    if (!VALUE.test(value)) throw new TypeError(`the header ${name} may hold visible ASCII only`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
