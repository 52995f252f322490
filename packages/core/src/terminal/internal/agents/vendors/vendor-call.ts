import type { ToolAnswer } from "../answer.js";
import type { ToolName } from "../tools.js";

/** Runs one of our tools for a vendor's: in the default session, with the rules, approvals and budget of every call. */
export type VendorCall = (name: ToolName, input: object, form?: VendorForm) => Promise<ToolAnswer>;

/** What a vendor's tool has to say about its answer. */
export interface VendorForm {
  /** Characters of output, if fewer than the policy's. */
  readonly characters?: number | undefined;
}

/** What the gateway remarks on a command, line by line. */
export function outputNotes({ notes }: ToolAnswer["value"]): readonly string[] {
  return Array.isArray(notes) ? notes.map(String) : [];
}
