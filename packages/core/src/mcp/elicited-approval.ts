import type { ApprovalRequest, ApprovalVerdict } from "../terminal/agents.js";

/** The part of the SDK's server by which a person is asked, through whatever program that person uses. */
export interface Asks {
  elicitInput(
    question: {
      readonly message: string;
      readonly requestedSchema: {
        readonly type: "object";
        readonly properties: { readonly decision: Choice };
        readonly required: string[];
      };
    },
    options: { readonly signal: AbortSignal; readonly timeout: number; readonly relatedRequestId: string | number },
  ): Promise<{ readonly action: string; readonly content?: Readonly<Record<string, unknown>> | undefined }>;
}

interface Choice {
  readonly type: "string";
  readonly title: string;
  readonly oneOf: { readonly const: string; readonly title: string }[];
}

const DECISION: Choice = {
  type: "string",
  title: "Decision",
  oneOf: [
    { const: "once", title: "Run it this once" },
    { const: "conversation", title: "Run exactly this whenever it is asked for in this conversation" },
    { const: "deny", title: "Do not run it" },
  ],
};
/** The request's own signal ends the waiting. */
const LONG_MS = 3_600_000;

/** Asks the person before the client what a model may do. */
export async function elicitedApproval(
  server: Asks,
  request: ApprovalRequest,
  relatedRequestId: string | number,
): Promise<ApprovalVerdict> {
  const requestedSchema = { type: "object" as const, properties: { decision: DECISION }, required: ["decision"] };
  const { signal } = request;
  const answer = await server.elicitInput(
    { message: questionOf(request), requestedSchema },
    { signal, timeout: LONG_MS, relatedRequestId },
  );
  const decision = answer.action === "accept" ? answer.content?.decision : "deny";
  return decision === "once" || decision === "conversation" ? { allow: decision, by: "elicitation" } : "deny";
}

function questionOf({ tool, terminal, cwd, shown, stdin, background, reason }: ApprovalRequest): string {
  const verb = tool === "terminal_send" ? "type into" : "run in";
  const where = `the terminal ${terminal}${cwd === null ? "" : `, in ${cwd}`}${background ? ", in the background" : ""}`;
  const input = stdin === undefined ? "" : `\n\nwith this input:\n\n${stdin}`;
  return `A model wants to ${verb} ${where} (${reason}):\n\n${shown}${input}`;
}
