import type { TerminalOutput } from "../schemas/terminal-call.js";
import type { ReadOutput } from "../spec/terminal-session.js";

/**
 * Output as answers show it: lines with their ends, a last line without one at once; joined they are the stream. With
 * `detailed` also where to go on.
 */
export function outputView({ data, cursor, dropped, closed }: ReadOutput, detailed: boolean): TerminalOutput {
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString("utf8");
  const output = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return detailed ? { output, cursor, dropped, closed } : { output };
}
