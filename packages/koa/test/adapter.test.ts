import { koaGateway } from "@sluice/koa";
import { describeAdapter, listen } from "@sluice/testkit/contracts";
import compress from "koa-compress";
import { describe } from "vitest";
import { versions } from "./versions.js";

describe.each(versions)("%s", (_version, Koa) => {
  const prefix = { prefix: "/ai" };
  describeAdapter("at the root", (gateway) => listen(new Koa().use(koaGateway(gateway)).callback()));
  describeAdapter("at a prefix", (gateway) => listen(new Koa().use(koaGateway(gateway, prefix)).callback(), "/ai"));
  describeAdapter("behind compression", (gateway) =>
    listen(
      new Koa()
        .use(compress({ threshold: 0 }))
        .use(koaGateway(gateway, prefix))
        .callback(),
      "/ai",
    ),
  );
});
