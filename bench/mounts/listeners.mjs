import { createRequire } from "node:module";
import { expressGateway } from "../../packages/express/dist/index.js";
import { koaGateway } from "../../packages/koa/dist/index.js";
import { nodeGateway } from "../../packages/node/dist/index.js";
import { answerBody } from "../fixtures.mjs";
import { benchedGateway } from "./benched-gateway.mjs";

const HEADERS = { "content-type": "application/json; charset=utf-8", "content-length": answerBody.length };

// The frameworks the adapters are tested with, which only their packages can see.
const fromExpress = createRequire(new URL("../../packages/express/package.json", import.meta.url));
const fromKoa = createRequire(new URL("../../packages/koa/package.json", import.meta.url));

function express(name) {
  return fromExpress(name)();
}

function koa(name) {
  const loaded = fromKoa(name);
  const Koa = loaded.default ?? loaded; // an ES module in some versions
  return new Koa();
}

/** Answers at once, with as little as the stack lets one do. */
export const EMPTY = {
  "node:http": () => answerAtOnce,
  "Express 4": () => express("express4").use(answerAtOnce),
  "Express 5": () => express("express").use(answerAtOnce),
  "Koa 2": () => koa("koa2").use(answerInKoa).callback(),
  "Koa 3": () => koa("koa").use(answerInKoa).callback(),
};

/** The gateway, mounted as the adapters do it. */
export const GATEWAY = {
  "node:http": (upstream) => nodeGateway(benchedGateway(upstream)),
  "Express 4": (upstream) => express("express4").use(expressGateway(benchedGateway(upstream))),
  "Express 5": (upstream) => express("express").use(expressGateway(benchedGateway(upstream))),
  "Koa 2": (upstream) =>
    koa("koa2")
      .use(koaGateway(benchedGateway(upstream)))
      .callback(),
  "Koa 3": (upstream) =>
    koa("koa")
      .use(koaGateway(benchedGateway(upstream)))
      .callback(),
};

function answerAtOnce(_incoming, outgoing) {
  outgoing.writeHead(200, HEADERS).end(answerBody);
}

function answerInKoa(context) {
  context.type = "json";
  context.body = answerBody;
}
