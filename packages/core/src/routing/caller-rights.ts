import { GatewayError } from "../errors.js";
import type { LayerName, Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { Identity } from "../spec/http.js";

/** What of a caller narrows where its calls may go. */
export type CallerRights = Pick<Identity, "models" | "layers" | "operations">;

/** Whether a caller may use a model. */
export function mayUse({ id, layer }: Model, caller: CallerRights | undefined): boolean {
  return caller?.models?.includes(id) !== false && caller?.layers?.includes(layer) !== false;
}

/** The models that a caller may use. */
export function seenBy(caller: CallerRights | undefined, models: readonly Model[]): readonly Model[] {
  return caller?.models || caller?.layers ? models.filter((model) => mayUse(model, caller)) : models;
}

/** @throws GatewayError `forbidden` */
export function assertModel(model: Model, caller: CallerRights | undefined): void {
  if (!mayUse(model, caller)) throw refused(`the model ${model.id}`);
}

/** @throws GatewayError `forbidden` */
export function assertLayer(layer: LayerName, caller: CallerRights | undefined): void {
  if (caller?.layers?.includes(layer) === false) throw refused(`the layer ${layer}`);
}

/** @throws GatewayError `forbidden` */
export function assertOperation(operation: Operation, caller: CallerRights | undefined): void {
  if (caller?.operations?.includes(operation) === false) throw refused(`models for ${operation}`);
}

function refused(what: string): GatewayError {
  return new GatewayError("forbidden", { param: "model", details: `you may not use ${what}` });
}
