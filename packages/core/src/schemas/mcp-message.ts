import { z } from "zod";
import { named } from "./registry.js";

const Message = z
  .looseObject({ jsonrpc: z.literal("2.0"), method: z.string().optional() })
  .describe("A JSON-RPC 2.0 message.");

export const McpMessage = named(
  "McpMessage",
  z.union([Message, z.array(Message).min(1).max(100)]).describe("As the Model Context Protocol has it."),
);
