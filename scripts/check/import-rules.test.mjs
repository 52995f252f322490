import { describe, expect, it } from "vitest";
import { importCycles, importViolations } from "./import-rules.mjs";
import { parseSource } from "./sources.mjs";

const CORE = "packages/core/src";
const NODE = "packages/node/src";
const SERVER = "packages/server/src";

function violationsOf(path, text) {
  return importViolations([parseSource(path, text)]);
}

describe("import rules", () => {
  it.each([
    [`${CORE}/schemas/chat.ts`, 'import { x } from "../routing/plan.js"', "a leaf imports leaves only"],
    [`${CORE}/spec/http.ts`, 'import type { x } from "../wire.js"', "a leaf imports leaves only"],
    [`${CORE}/clock.ts`, 'import { x } from "./net-guard.js"', "a leaf imports leaves only"],
    [`${CORE}/errors.ts`, 'import { Kysely } from "kysely"', "a leaf imports no package but"],
    [`${CORE}/models/catalog.ts`, 'import { x } from "../http/route.js"', "models must not know http"],
    [`${CORE}/models/catalog.ts`, 'import type { x } from "../http/route.js"', "models must not know http"],
    [`${CORE}/models/catalog.ts`, 'export { x } from "../usage/usage.js"', "models must not know usage"],
    [`${CORE}/usage/usage.ts`, 'import { x } from "../dialects/sse-event.js"', "usage must not know dialects"],
    [`${CORE}/stores/memory.ts`, 'const x = await import("../models/catalog.js")', "stores must not know models"],
    [`${CORE}/routing/plan.ts`, 'import { x } from "../wire.js"', "routing must not know wire"],
    [`${CORE}/routing/plan.ts`, 'let x: import("../providers/openai.js").Options', "routing must not know providers"],
    [`${CORE}/http/handler.ts`, 'import { x } from "../providers/openai.js"', "http must not know providers"],
    [`${CORE}/http/handler.ts`, 'import type { x } from "../stores/memory.js"', "http must not know stores"],
    [`${CORE}/http/handler.ts`, 'import { x } from "../net-guard.js"', "http must not know net-guard"],
    [`${CORE}/http/services.ts`, 'import { x } from "../dialects/translation.js"', "the services are types only"],
    [`${CORE}/options.ts`, 'import { x } from "./stores/memory.js"', "options must not know stores"],
    [`${CORE}/require-peer.ts`, 'import { x } from "./models/catalog.js"', "require-peer imports leaves only"],
    [`${CORE}/routing/plan.ts`, 'import { connect } from "node:net"', "only the adapters"],
    [`${CORE}/routing/plan.ts`, 'import { connect, isIP } from "node:net"', "only the adapters"],
    [`${CORE}/routing/plan.ts`, 'import net from "net"', "only the adapters"],
    [`${SERVER}/start.ts`, 'import { spawn } from "node:child_process"', "only the adapters"],
    [`${SERVER}/start.ts`, 'import type { Server } from "node:http"', "only the adapters"],
    [`${CORE}/gateway.ts`, 'import { x } from "@sluice/node"', "@sluice/core must not know @sluice/node"],
    [`${SERVER}/start.ts`, 'import { x } from "@sluice/testkit"', "@sluice/server must not know @sluice/testkit"],
    [`${NODE}/serve.ts`, 'import { x } from "../../core/src/wire.js"', "public names only"],
    [`${NODE}/serve.ts`, 'import { x } from "@sluice/core/dist/wire.js"', "public names only"],
    [`${NODE}/serve.ts`, 'import { x } from "@sluice/core/routing/plan"', "public names only"],
    [`${NODE}/serve.ts`, 'import { x } from "@sluice/core/stores/internal/migrate"', "public names only"],
    ["packages/server/test/cli.test.ts", 'import { x } from "../../core/src/wire.js"', "public names only"],
    [`${NODE}/serve.ts`, 'import { x } from "express"', "package.json does not depend on express"],
  ])("%s may not say %s", (path, text, reason) => {
    expect(violationsOf(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    [`${CORE}/schemas/chat.ts`, 'import { z } from "zod"; import { x } from "../errors.js"'],
    [`${CORE}/routing/attempt.ts`, 'import { x } from "../dialects/translation.js"'],
    [`${CORE}/providers/openai.ts`, 'import { x } from "../usage/usage.js"'],
    [`${CORE}/stores/sqlite.ts`, 'import { x } from "../require-peer.js"'],
    [`${CORE}/http/handler.ts`, 'import { x } from "./route.js"'],
    [`${CORE}/http/services.ts`, 'import type { x } from "../dialects/translation.js"'],
    [`${CORE}/http/services.ts`, 'import { type x } from "../dialects/translation.js"'],
    [`${CORE}/wire.ts`, 'import { x } from "./http/handler.js"'],
    [`${CORE}/net-guard.ts`, 'import { connect } from "node:net"'],
    [`${CORE}/http1/connection-pool.ts`, 'import { connect } from "node:net"'],
    [`${CORE}/routing/plan.test.ts`, 'import { x } from "../http/handler.js"; import http from "node:http"'],
    [`${CORE}/stores/memory.test.ts`, 'import { x } from "@sluice/testkit/contracts"'],
    [`${SERVER}/refusals.ts`, 'import { isIP } from "node:net"'],
    [`${SERVER}/start.ts`, 'import { x } from "@sluice/core/stores/sqlite"'],
    [`${NODE}/serve.ts`, 'import { createServer } from "node:http"'],
    ["examples/koa/app.mjs", 'import { x } from "@sluice/koa"'],
  ])("%s may say %s", (path, text) => {
    expect(violationsOf(path, text)).toEqual([]);
  });
});

describe("circles of imports", () => {
  const sources = [
    parseSource(`${CORE}/a.ts`, 'import { b } from "./b.js"'),
    parseSource(`${CORE}/b.ts`, 'import type { c } from "./models/c.js"'),
    parseSource(`${CORE}/models/c.ts`, 'export { a } from "../a.js"'),
  ];

  it("are found, types included", () => {
    expect(importCycles(sources)).toEqual([expect.stringContaining("imports go in a circle")]);
  });

  it("are not seen where there is none", () => {
    expect(importCycles(sources.slice(0, 2))).toEqual([]);
  });
});
