import type { CarriedCall } from "../../spec/carried-call.js";

/** What two instances say to each other about one call; `n` counts what one of them says, from 0 on. */
export type Mail = { readonly id: string; readonly from: string; readonly n: number } & (
  | { readonly t: "call"; readonly call: CarriedCall }
  /** The caller has left. */
  | { readonly t: "leave" }
  | {
      readonly t: "head";
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: "none" | "whole" | "stream" | "socket";
    }
  /** A piece of a body or a message of a socket, in base64 where it is bytes. */
  | { readonly t: "data"; readonly text?: string; readonly bytes?: string }
  | { readonly t: "ack" }
  | { readonly t: "end"; readonly ok: boolean }
  /** A socket has closed. */
  | { readonly t: "close"; readonly code: number; readonly reason: string }
  | {
      readonly t: "error";
      readonly code: string;
      readonly status: number;
      readonly details?: string | undefined;
      readonly param?: string | undefined;
    }
);

/** Some of it, before it is addressed. */
export type Said<Kind extends Mail["t"]> = Unaddressed<Extract<Mail, { t: Kind }>>;
type Unaddressed<Each> = Each extends Mail ? Omit<Each, "id" | "from" | "n"> : never;

/** A piece as it travels. */
export function piece(chunk: string | Uint8Array): { text: string } | { bytes: string } {
  return typeof chunk === "string" ? { text: chunk } : { bytes: Buffer.from(chunk).toString("base64") };
}

/** A piece as it was. */
export function chunkOf({ text, bytes }: { readonly text?: string; readonly bytes?: string }): string | Uint8Array {
  return text ?? Buffer.from(bytes ?? "", "base64");
}

/** Pieces that may be on their way at once; who sends waits for acknowledgements then. */
export const WINDOW = 16;
export const PIECE_BYTES = 64 * 1024;
