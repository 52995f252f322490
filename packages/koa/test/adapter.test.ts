import { bodyParser } from "@koa/bodyparser";
import { koaGateway } from "@sluice/koa";
import { behindProxy, describeAdapter, listen } from "@sluice/testkit/contracts";
import compress from "koa-compress";
import { describe } from "vitest";
import { versions } from "./versions.js";

const PARSES = { skip: { malformedJson: "the body parser answers it" } };
const IDENTIFIES = { skip: { identity: "the application's own authentication goes first" } };

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
  describeAdapter(
    "behind a body parser",
    (gateway) => listen(new Koa().use(bodyParser()).use(koaGateway(gateway, prefix)).callback(), "/ai"),
    PARSES,
  );
  describeAdapter(
    "with the application's own authentication",
    (gateway) => {
      const identify = async () => ({ id: "alice", role: "operator" as const });
      return listen(new Koa().use(koaGateway(gateway, { ...prefix, identify })).callback(), "/ai");
    },
    IDENTIFIES,
  );
  describeAdapter("behind a proxy that it trusts", (gateway) =>
    listen(behindProxy(new Koa({ proxy: true }).use(koaGateway(gateway, prefix)).callback()), "/ai"),
  );
});
