import type { Provider } from "../../spec/provider.js";
import type { BodyEdit } from "../body-edit.js";
import type { RoutedRequest } from "../model-call.js";

/** Request keys that are the gateway's own, or one provider's. */
const GATEWAY_FIELDS = ["sluice", "models"];
const PROVIDER_FIELDS = ["provider", "transforms", "route", "plugins"];

/** Takes out what is not meant for this upstream. */
export function foreignFields(request: object, { ownFields }: Provider, edits: BodyEdit[]): void {
  for (const field of GATEWAY_FIELDS) if (field in request) edits.push([field, null]);
  for (const field of PROVIDER_FIELDS) if (field in request && !ownFields?.includes(field)) edits.push([field, null]);
}

interface StreamedRequest extends RoutedRequest {
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
}

/** Asks a stream for its usage, so that it can be metered; the reader takes it out again where the caller did not ask. */
export function usageField(request: StreamedRequest, { includeUsage }: Provider, edits: BodyEdit[]): void {
  if (!request.stream || includeUsage === false || request.stream_options?.include_usage === true) return;
  edits.push(["stream_options", JSON.stringify({ ...request.stream_options, include_usage: true })]);
}
