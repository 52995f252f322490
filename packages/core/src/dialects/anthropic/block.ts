/** A content block of the Messages API; its other fields depend on its type. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string };

/** One turn of the Messages API. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}
