import { z } from "zod";
import { named } from "./registry.js";

export const Deleted = named("Deleted", z.object({ id: z.string(), deleted: z.literal(true) }));
