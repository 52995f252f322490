import { z } from "zod";
import { Price } from "./model.js";

const ListedPrice = z.strictObject({
  provider: z.string().min(1).max(64),
  model: z.string().min(1).max(256).describe("The provider's own name of it, or `*` for all the others."),
  ...Price.shape,
});

/** A price in a list: of one model of one provider, from the day it was read on. */
export type ListedPrice = z.infer<typeof ListedPrice>;

/** A list of prices as it stands in a file. Of several prices of one model the latest that has begun counts. */
export const PriceList = z.array(ListedPrice).max(100_000);
