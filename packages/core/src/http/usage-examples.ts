const COUNTS = { input: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 10, reasoning: 0 };

const REQUEST = {
  id: "req_805a449e31aff66b124145774d1a0c3e",
  at: "2025-12-05T06:00:00.000Z",
  key: "k7Gd2mQx",
  user: "ann",
  operation: "chat",
  stream: false,
  tags: ["search"],
  status: "finished",
  model: "openai-gpt-5.6-luna",
  provider: "openai",
  layers: ["L1"],
  calls: 1,
  costUsd: 0.000032,
  estimatedCostUsd: null,
};

const BUDGET = { id: "each-key", scope: "key", subject: null, window: "day", limitUsd: 5 };
const BUDGET_VIEW = { ...BUDGET, usedUsd: null, resetsAt: "2025-12-06T00:00:00.000Z" };

const ALERT = {
  id: "threshold|2025-12-05",
  at: "2025-12-05T06:00:00.000Z",
  kind: "threshold",
  budget: null,
  subject: null,
  window: "2025-12-05",
  usedUsd: 1.0002,
  limitUsd: 1,
};

/** What routes about money take and answer. */
export const BUDGET_EXAMPLES = {
  listBudgets: { response: { data: [BUDGET_VIEW] } },
  createBudget: { request: BUDGET, response: BUDGET_VIEW },
  updateBudget: { request: { limitUsd: 10 }, response: { ...BUDGET_VIEW, limitUsd: 10 } },
  deleteBudget: { response: { id: "each-key", deleted: true } },
  listAlerts: { response: { data: [ALERT] } },
  deleteAlert: { response: { id: ALERT.id, deleted: true } },
};

/** One page of requests. */
export const REQUEST_PAGE = { data: [REQUEST], nextCursor: null };

/** The receipt of a request. */
export const RECEIPT = {
  ...REQUEST,
  alwaysStrongest: { model: "anthropic-claude-opus-5.5", costUsd: 0.0006, savedUsd: 0.000568 },
  calls: [
    {
      attempt: 1,
      at: REQUEST.at,
      model: REQUEST.model,
      provider: REQUEST.provider,
      layer: "L1",
      reason: "auto:L1",
      role: "answer",
      status: "finished",
      code: null,
      partial: false,
      usage: COUNTS,
      usageSource: "reported",
      costUsd: REQUEST.costUsd,
      estimatedCostUsd: null,
      costSource: "price",
      price: {
        inputPerMTok: 0.2,
        outputPerMTok: 1.2,
        cacheReadPerMTok: 0.02,
        cacheWritePerMTok: 0.25,
        cacheWrite1hPerMTok: null,
        asOf: "2026-09-22",
        source: "https://developers.openai.com/api/docs/pricing",
      },
      verdicts: [],
      durationMs: 812.4,
      ttftMs: null,
    },
  ],
  omitted: [],
};

const SUMS = {
  requests: 1,
  calls: 1,
  failed: 0,
  unknownCosts: 0,
  usage: COUNTS,
  costUsd: REQUEST.costUsd,
  estimatedCostUsd: 0,
};

/** Sums by day. */
export const USAGE_REPORT = {
  from: "2025-12-05",
  to: "2025-12-05",
  data: [{ group: { day: "2025-12-05" }, ...SUMS }],
  total: SUMS,
};
