import { z } from "zod";
import { TerminalSize } from "./terminal.js";
import { TERMINAL_SIGNALS } from "./terminal-call.js";

/** The one WebSocket subprotocol of `/attach`. */
export const ATTACH_PROTOCOL = "sluice.terminal.v1";

const Offset = z.int().nonnegative();

/** What a client says besides the bytes it types. */
export const AttachMessage = z.discriminatedUnion("t", [
  z.object({
    t: z.literal("hello"),
    cursor: Offset.optional(),
    mode: z.enum(["drive", "view"]).default("drive"),
    ...TerminalSize.partial().shape,
  }),
  z.object({ t: z.literal("ack"), offset: Offset }),
  z.object({ t: z.literal("resize"), ...TerminalSize.shape }),
  z.object({ t: z.literal("signal"), signal: z.enum(TERMINAL_SIGNALS) }),
  z.object({ t: z.literal("drive") }),
]);

/** What a client says besides the bytes it types. */
export type AttachMessage = z.output<typeof AttachMessage>;
