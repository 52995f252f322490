import { z } from "zod";

/** Schemas that OpenAPI refers to by name. */
export const schemaNames = z.registry<{ id: string }>();

/** Gives a schema the name it has in the OpenAPI document. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  schemaNames.add(schema, { id });
  return schema;
}
