import { AuditPage, AuditRequest } from "../../schemas/audit-page.js";
import { defineRoute } from "../route.js";

/** GET /v1/audit */
export const listAudit = defineRoute({
  method: "GET",
  path: "/v1/audit",
  operationId: "listAudit",
  summary: "Read the audit log: who changed what, who logged in, who was refused; the newest first.",
  tag: "Audit",
  access: "viewer",
  query: AuditRequest,
  response: AuditPage,
  failures: ["invalid_request", "store_unavailable"],
  handle: ({ services, query }) => services.audit.list(query),
});
