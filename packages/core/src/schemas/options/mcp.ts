import { z } from "zod";
import { OpenLocalTerminal, OpenSshTerminal, OpenTelnetTerminal } from "../terminal.js";

const AllowRule = z.union([
  z.string().min(1),
  z.strictObject({
    command: z.string().min(1).describe("The words it begins with, exactly."),
    flags: z.array(z.string()).default([]).describe("Flags that may follow; one that ends in = takes any value."),
    operands: z.boolean().default(false).describe("Whether words that are no flags may follow."),
  }),
]);

/** What the MCP server offers to models. */
export const Mcp = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether `/v1/mcp` answers."),
  stateless: z
    .boolean()
    .default(false)
    .describe("Whether `/v1/mcp` has no sessions, so that any instance answers any message; terminals need sessions."),
  terminals: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
      z.discriminatedUnion("type", [OpenLocalTerminal.strict(), OpenSshTerminal.strict(), OpenTelnetTerminal.strict()]),
    )
    .default({})
    .describe("Terminals that a model may use, by the names it uses for them, as the bodies that open them."),
  interactive: z.boolean().default(false).describe("Whether it may type into their screens too."),
  allow: z.array(AllowRule).default([]).describe("Commands that need no approval; they hold for local terminals."),
  deny: z
    .array(z.string().refine(isPattern, "must be a regular expression"))
    .default([])
    .describe("Regular expressions of commands that are refused whoever would approve them."),
  approval: z
    .enum(["elicit", "client", "never"])
    .default("elicit")
    .describe(
      "Who approves the rest: the person before the client, asked over MCP; the client, which is trusted to ask; nobody.",
    ),
  transcripts: z
    .string()
    .nullable()
    .default(null)
    .describe("A directory to write into who allowed which command, a file for each session; null: nowhere."),
  budget: z
    .strictObject({
      commands: z.int().positive().default(100).describe("Commands of one session."),
      runMs: z.int().positive().default(1_800_000).describe("How long its commands may run, all together."),
      outputCharacters: z.int().positive().default(1_000_000).describe("Output that its model may read."),
      sessions: z.int().positive().default(8).describe("Terminals that it may have open at the same time."),
    })
    .prefault({}),
});

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
