import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { GatewayConfigInput } from "./config-input.js";
import type { GatewayConfig } from "./options.js";

type Taken = z.input<typeof GatewayConfig>;

describe("GatewayConfigInput", () => {
  it("says what the schema takes, no less and no more", () => {
    expectTypeOf<GatewayConfigInput>().toExtend<Taken>();
    expectTypeOf<Taken>().toExtend<GatewayConfigInput>();
    expectTypeOf<keyof GatewayConfigInput>().toEqualTypeOf<keyof Taken>();
  });
});
