import { type ListedPrice, PriceList } from "../schemas/price-list.js";
import shipped from "./price-list.json" with { type: "json" };

/** List prices in US dollars, each as of its own day; they change, and what the provider bills is what counts. */
export function shippedPrices(): readonly ListedPrice[] {
  return PriceList.parse(shipped);
}
