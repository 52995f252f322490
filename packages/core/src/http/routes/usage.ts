import { RequestPage, RequestReceipt, RequestsRequest, UsageReport, UsageRequest } from "../../schemas/usage-view.js";
import { defineRoute, reply } from "../route.js";
import { usageCsv } from "../usage-csv.js";

const TAG = "Usage";

/** GET /v1/usage */
export const getUsage = defineRoute({
  method: "GET",
  path: "/v1/usage",
  operationId: "getUsage",
  summary:
    "Sums of tokens and costs by day, key, user, model and more; as CSV with `format=csv`. A client sees its own.",
  tag: TAG,
  access: "client",
  query: UsageRequest,
  response: UsageReport,
  failures: ["invalid_request", "store_unavailable"],
  async handle({ services, query, identity }) {
    const report = await services.usage.totals(query, identity);
    if (query.format === "json") return report;
    const headers = {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="usage-${report.from}-${report.to}.csv"`,
    };
    return reply({ status: 200, headers, body: usageCsv(report, query.groupBy) });
  },
});

/** GET /v1/requests */
export const listRequests = defineRoute({
  method: "GET",
  path: "/v1/requests",
  operationId: "listRequests",
  summary: "List the requests that reached a provider, newest first. A client sees its own.",
  tag: TAG,
  access: "client",
  query: RequestsRequest,
  response: RequestPage,
  failures: ["invalid_request", "store_unavailable"],
  handle: ({ services, query, identity }) => services.usage.requests(query, identity),
});

/** GET /v1/requests/:id */
export const getRequest = defineRoute({
  method: "GET",
  path: "/v1/requests/:id",
  operationId: "getRequest",
  summary: "The receipt of a request: every upstream call it took, what was said of it, and what it cost.",
  tag: TAG,
  access: "client",
  response: RequestReceipt,
  failures: ["not_found", "store_unavailable"],
  handle: ({ services, params, identity }) => services.usage.request(params.id ?? "", identity),
});
