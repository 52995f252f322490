import type { z } from "zod";
import { GatewayError } from "../errors.js";
import { type Model, ModelPatch, StoredModel } from "../schemas/model.js";
import { validate } from "../schemas/validate.js";

/** @throws GatewayError `invalid_request`, also where the patch names another id */
export function readPatch(id: string, patch: ModelPatch): z.output<typeof ModelPatch> {
  const fields = validate(ModelPatch, patch);
  if (fields.id !== undefined && fields.id !== id) {
    throw new GatewayError("invalid_request", {
      param: "id",
      details: "id: cannot be changed; delete this model and create another",
    });
  }
  return fields;
}

/** The model with the patch applied: null clears a field, except `relativeCost`, which may be null. */
export function patchModel(model: Model, patch: z.output<typeof ModelPatch>): Model {
  const patched: Record<string, unknown> = { ...model };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null && field !== "relativeCost") delete patched[field];
    else if (value !== undefined) patched[field] = value;
  }
  return validate(StoredModel, patched);
}
