import { expressGateway } from "@sluice/express";
import { describeAdapter, listen } from "@sluice/testkit/contracts";
import compression from "compression";
import { describe } from "vitest";
import { versions } from "./versions.js";

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
});
