import { describe, expect, it } from "vitest";
import { Findings } from "./findings.js";

describe("findings", () => {
  it("say how sure they are", () => {
    const findings = new Findings();
    for (let count = 0; count < 100; count++) findings.compared("accepted", count < 3);
    expect(findings.view(0.02)).toEqual({
      auditShare: 0.02,
      accepted: { same: 97, different: 3, differing: 0.03, low: 0.0103, high: 0.0845 },
      escalated: { same: 0, different: 0, differing: null, low: null, high: null },
    });
  });

  it("are never surer than few can be", () => {
    const findings = new Findings();
    findings.compared("escalated", true);
    expect(findings.view(0).escalated).toMatchObject({ differing: 1, low: 0.2065, high: 1 });
  });

  it("go on from what was kept", () => {
    const before = new Findings();
    before.compared("accepted", true);
    const after = new Findings();
    after.restore(before.state());
    after.compared("accepted", false);
    expect(after.count).toBe(2);
    expect(before.count).toBe(1);
  });
});
