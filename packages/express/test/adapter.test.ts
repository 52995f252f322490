import { expressGateway } from "@sluice/express";
import { behindProxy, describeAdapter, listen } from "@sluice/testkit/contracts";
import compression from "compression";
import { describe } from "vitest";
import { versions } from "./versions.js";

const PARSES = { skip: { malformedJson: "express.json() answers it" } };
const IDENTIFIES = { skip: { identity: "the application's own authentication goes first" } };

describe.each(versions)("%s", (_version, express) => {
  describeAdapter("at the root", (gateway) => listen(express().use(expressGateway(gateway))));
  describeAdapter("at a prefix", (gateway) => listen(express().use("/ai", expressGateway(gateway)), "/ai"));
  describeAdapter("in a router", (gateway) =>
    listen(express().use("/a", express.Router().use("/b", expressGateway(gateway))), "/a/b"),
  );
  describeAdapter("behind compression", (gateway) =>
    listen(
      express()
        .use(compression({ threshold: 0 }))
        .use("/ai", expressGateway(gateway)),
      "/ai",
    ),
  );
  describeAdapter(
    "behind a body parser",
    (gateway) => listen(express().use(express.json()).use("/ai", expressGateway(gateway)), "/ai"),
    PARSES,
  );
  describeAdapter(
    "with the application's own authentication",
    (gateway) => {
      const identify = async () => ({ id: "alice", role: "operator" as const });
      return listen(express().use("/ai", expressGateway(gateway, { identify })), "/ai");
    },
    IDENTIFIES,
  );
  describeAdapter("behind a proxy that it trusts", (gateway) =>
    listen(behindProxy(express().set("trust proxy", "loopback").use("/ai", expressGateway(gateway))), "/ai"),
  );
});
