import type { z } from "zod";
import { GatewayError } from "../errors.js";
import { type Model, ModelPatch, StoredModel } from "../schemas/model.js";
import { validate } from "../schemas/validate.js";

const CLEARABLE = ["price", "contextWindow", "maxOutputTokens", "capabilities"] as const;

type Clearable = (typeof CLEARABLE)[number];

/** What {@link ModelCatalog.update} takes: any subset of a model's fields, `null` to clear an optional one. */
export type ModelChange = Omit<ModelPatch, Clearable> & {
  readonly [Field in Clearable]?: ModelPatch[Field] | null;
};

/** A validated change. */
export interface ReadChange {
  readonly fields: z.output<typeof ModelPatch>;
  readonly cleared: readonly Clearable[];
}

/** @throws GatewayError `invalid_request`, also where the change names another id */
export function readChange(id: string, change: ModelChange): ReadChange {
  const cleared = CLEARABLE.filter((field) => isRecord(change) && change[field] === null);
  const fields = validate(ModelPatch, isRecord(change) ? without(change, cleared) : change);
  if (fields.id !== undefined && fields.id !== id) {
    throw new GatewayError("invalid_request", {
      param: "id",
      details: "id: cannot be changed; delete this model and create another",
    });
  }
  return { fields, cleared };
}

/** The model with the change applied. */
export function patchModel(model: Model, { fields, cleared }: ReadChange): Model {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return validate(StoredModel, { ...without(model, cleared), ...Object.fromEntries(defined) });
}

function without(fields: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
