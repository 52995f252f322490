import type { OpenRequest } from "../../../spec/terminal.js";

/** Turns the other end's bytes into UTF-8 and back. */
export interface TextEncoding {
  /** What the other end wrote, as UTF-8. */
  read(bytes: Uint8Array): Uint8Array;
  /** What was typed in UTF-8, as the other end reads it; characters it does not have become `?`. */
  write(bytes: Uint8Array): Uint8Array;
}

/** Makes the two ways of one connection: characters may be cut in two anywhere. */
export function textEncoding(name: OpenRequest<"telnet">["encoding"]): TextEncoding {
  if (name === "utf-8") return { read: (bytes) => bytes, write: (bytes) => bytes };
  const decoder = new TextDecoder();
  return {
    read: (bytes) => Buffer.from(Buffer.from(bytes).toString("latin1")),
    write: (bytes) => Buffer.from(decoder.decode(bytes, { stream: true }).replace(/[^\0-\xff]/gu, "?"), "latin1"),
  };
}
