import Koa3 from "koa";
import Koa2 from "koa2";

/** Both versions, by name, for `describe.each`. */
export const versions = [
  ["Koa 2", Koa2],
  ["Koa 3", Koa3],
] as const;
