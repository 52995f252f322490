import { createHash } from "node:crypto";
import type { Model, ModelPatch, NewModel } from "../schemas/model.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import type { ModelCatalog } from "./catalog.js";

const SYSTEM: Actor = {};

/** Changes of the catalogue, each with a row of the audit log that holds the model's hash before and after. */
export function auditedModels(catalog: ModelCatalog, record: RecordAudit) {
  const known = (id: string): Model | undefined => catalog.snapshot.byId.get(id);
  return {
    async create(input: NewModel, actor = SYSTEM): Promise<Model> {
      const model = await catalog.create(input);
      record({ action: "model.create", target: model.id, details: { after: hashOf(model) } }, actor);
      return model;
    },
    async update(id: string, patch: ModelPatch, actor = SYSTEM): Promise<Model> {
      const before = hashOf(known(id));
      const model = await catalog.update(id, patch);
      record({ action: "model.update", target: id, details: { before, after: hashOf(model) } }, actor);
      return model;
    },
    async remove(id: string, actor = SYSTEM): Promise<void> {
      const before = hashOf(known(id));
      await catalog.remove(id);
      record({ action: "model.delete", target: id, details: { before } }, actor);
    },
  };
}

function hashOf(model: Model | undefined): string | null {
  return model ? createHash("sha256").update(JSON.stringify(model)).digest("hex") : null;
}
