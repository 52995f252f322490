/** Runs in a process of its own: opens the store it is given and does what it is told, one order after the other. */
import { MODELS } from "../../src/schemas/model.js";
import { postgresStore } from "../../src/stores/postgres.js";
import { sqliteStore } from "../../src/stores/sqlite.js";
import type { Order } from "./store-process.js";

const place = process.argv[2] ?? "";
const store = place.startsWith("postgres:") ? postgresStore({ url: place }) : sqliteStore({ file: place });
const models = store.entries(MODELS);

async function obey(order: Order): Promise<void> {
  if (order.kind === "create") return models.create(order.model.id, order.model);
  for (let index = 0; index < order.times; index++) {
    await models.update(order.id, (current) => {
      if (!current) throw new Error(`${order.id} is not there`);
      return { ...current, priority: current.priority + 1 };
    });
  }
}

process.on("message", (order: Order) => {
  obey(order).then(
    () => process.send?.({ done: order.number }),
    (error: Error) => process.send?.({ done: order.number, failed: String(error.stack) }),
  );
});

store.open().then(
  () => process.send?.({ done: 0 }),
  (error: Error) => process.send?.({ done: 0, failed: `${error.message}` }),
);
