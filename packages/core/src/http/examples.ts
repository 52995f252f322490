import type { Example } from "./example.js";
import { IDENTITY_EXAMPLES } from "./identity-examples.js";
import { PRESET_EXAMPLES, PROVIDER_EXAMPLES } from "./provider-examples.js";
import { BUDGET_EXAMPLES, RECEIPT, REQUEST_PAGE, USAGE_REPORT } from "./usage-examples.js";

const MODEL = {
  id: "my-custom-model",
  provider: "openrouter",
  apiModelName: "openai/gpt-4",
  layer: "L2",
  enabled: true,
  priority: 0,
  relativeCost: 1,
};

/** A model as answers show it. */
function view(model: typeof MODEL) {
  const { relativeCost, ...documented } = model;
  return {
    ...documented,
    object: "model",
    created: 1764914400,
    owned_by: model.provider,
    relativeCost,
    fallbacks: [],
    timeouts: {},
  };
}

const SESSION = {
  id: "term-1733385600000-8f14e45fceea167a5a36dedd4bea2543",
  type: "local",
  createdAt: "2025-12-05T06:00:00.000Z",
  connected: true,
};
const EXECUTION = {
  n: 3,
  phase: "done",
  command: "npm test",
  durationMs: 5312,
  result: { stdout: "42 passed\n", stderr: "", exitCode: 0 },
};
const DONE = { success: true };

const FREE = view({
  id: "openrouter-qwen-qwen3-235b-a22b:free",
  provider: "openrouter",
  apiModelName: "qwen/qwen3-235b-a22b:free",
  layer: "L0",
  enabled: true,
  priority: 0,
  relativeCost: 0,
});

const { layer: _layer, object: _object, owned_by: _owner, ...FREE_IN_LAYER } = FREE;
const EMPTY = { enabled: false, models: [], providers: [] };
const LAYERS = {
  L0: { enabled: true, models: [FREE_IN_LAYER], providers: ["openrouter"] },
  L1: EMPTY,
  L2: EMPTY,
  L3: EMPTY,
};

/** One example for each operation that takes or gives JSON, by `operationId`. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  createChatCompletion: {
    request: {
      messages: [
        { role: "system", content: "You are a helpful assistant." },
        { role: "user", content: "Hello!" },
      ],
      model: "auto",
      temperature: 0.7,
      max_tokens: 1000,
    },
    response: {
      id: "chatcmpl-2Ff0yA6v9C1tZrW4sQeXbM",
      object: "chat.completion",
      created: 1764914400,
      model: "qwen/qwen3-235b-a22b:free",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hello! How can I help you today?" },
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 },
    },
  },
  explainRoute: {
    request: { model: "auto", messages: [{ role: "user", content: "What is 17 * 3?" }] },
    response: {
      model: "auto",
      targets: [
        {
          model: "openrouter-qwen-qwen3-235b-a22b:free",
          provider: "openrouter",
          layer: "L0",
          reason: "auto:L0",
          price: { inputPerMTok: 0, outputPerMTok: 0 },
          mostUsd: 0,
          health: { resting: false, retryAfterMs: 0 },
        },
      ],
      excluded: [{ model: "gpt-large", provider: "openai", layer: "L3", reason: "its provider is not configured" }],
      cascade: null,
      preRoute: null,
      omitted: [],
      uncertain: [],
    },
  },
  getRouteAudit: {
    response: {
      auditShare: 0.02,
      accepted: { same: 97, different: 3, differing: 0.03, low: 0.0103, high: 0.0845 },
      escalated: { same: 12, different: 28, differing: 0.7, low: 0.5457, high: 0.8194 },
    },
  },
  createEmbedding: {
    request: { model: "text-embedding-3-small", input: ["The sluice is open.", "The gate is up."] },
    response: {
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.0023, -0.0091, 0.0158] },
        { object: "embedding", index: 1, embedding: [0.0031, -0.0087, 0.0142] },
      ],
      model: "text-embedding-3-small",
      usage: { prompt_tokens: 10, total_tokens: 10 },
    },
  },
  createCompletion: {
    request: { model: "my-custom-model", prompt: "A sluice is", max_tokens: 20 },
    response: {
      id: "cmpl-2Ff0yA6v9C1tZrW4sQeXbM",
      object: "text_completion",
      created: 1764914400,
      model: "openai/gpt-4",
      choices: [{ index: 0, text: " a gate that lets water through.", logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 4, completion_tokens: 7, total_tokens: 11 },
    },
  },
  createModeration: {
    request: { model: "omni-moderation-latest", input: "I like water." },
    response: {
      id: "modr-2Ff0yA6v9C1tZrW4sQeXbM",
      model: "omni-moderation-latest",
      results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.00001 } }],
    },
  },
  createRanking: {
    request: { model: "my-reranker", query: "water", documents: ["A desert.", "A river."], top_n: 1 },
    response: { results: [{ index: 1, relevance_score: 0.93 }], usage: { total_tokens: 12 } },
  },
  createImage: {
    request: { model: "my-image-model", prompt: "A sluice in the rain", n: 1 },
    response: { created: 1764914400, data: [{ b64_json: "iVBORw0KGgo=" }] },
  },
  createSpeech: { request: { model: "my-voice-model", input: "The gate is open.", voice: "alloy" } },
  createImageEdit: { response: { created: 1764914400, data: [{ b64_json: "iVBORw0KGgo=" }] } },
  createImageVariation: { response: { created: 1764914400, data: [{ url: "https://images.example/1.png" }] } },
  createTranscription: { response: { text: "The gate is open." } },
  createTranslation: { response: { text: "The gate is open." } },
  listModels: { response: { object: "list", data: [FREE] } },
  listLayers: { response: { layers: LAYERS } },
  getModel: { response: FREE },
  createModel: { request: MODEL, response: view(MODEL) },
  updateModel: {
    request: { enabled: false, priority: 5 },
    response: view({ ...MODEL, enabled: false, priority: 5 }),
  },
  deleteModel: { response: { id: MODEL.id, deleted: true } },
  ...IDENTITY_EXAMPLES,
  ...PROVIDER_EXAMPLES,
  ...PRESET_EXAMPLES,
  listHostKeys: {
    response: {
      hostKeys: [
        {
          id: "192.168.1.100:22",
          host: "192.168.1.100",
          port: 22,
          type: "ssh-ed25519",
          addedAt: "2025-12-05T06:00:00.000Z",
          fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
        },
      ],
    },
  },
  deleteHostKey: { response: DONE },
  openTerminal: { request: { type: "local" }, response: { session: SESSION } },
  listTerminals: { response: { sessions: [SESSION] } },
  getTerminal: {
    response: {
      session: {
        ...SESSION,
        state: "ready",
        name: null,
        owner: "admin",
        size: { cols: 80, rows: 24 },
        idleMs: 1200,
        cwd: "/home/me",
        cursor: 5120,
        exit: null,
        details: { shell: "/bin/bash" },
      },
    },
  },
  deleteTerminal: { response: DONE },
  executeInTerminal: {
    request: { command: "ls -la" },
    response: { result: { stdout: "total 64\n", stderr: "", exitCode: 0 } },
  },
  sendMcpMessage: {
    request: { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "chat", arguments: { prompt: "Hello!" } } },
  },
  getTerminalExecution: { response: { execution: EXECUTION } },
  stopTerminalExecution: { response: DONE },
  sendToTerminal: { request: { data: "ls -la\n" }, response: DONE },
  readTerminalOutput: { response: { output: ["total 64\n", "drwxr-xr-x 10 user staff 320 Dec 5 06:00 .\n"] } },
  resizeTerminal: { request: { cols: 120, rows: 40 }, response: DONE },
  signalTerminal: { request: { signal: "INT" }, response: DONE },
  restartTerminal: { request: {}, response: DONE },
  issueTerminalTicket: {
    request: {},
    response: { ticket: "3f2c9a41c0d7e8b5", expiresAt: "2025-12-05T06:00:30.000Z" },
  },
  getConfig: {
    response: {
      file: "/etc/sluice/sluice.config.json",
      revision: 2,
      loadedAt: "2025-12-05T06:00:00.000Z",
      restartRequired: [],
      error: null,
      data: [
        {
          key: "providers.openai.apiKey",
          value: "********",
          origin: "environment OPENAI_API_KEY",
          live: true,
        },
        { key: "routing.defaultLayer", value: "L1", origin: "file /etc/sluice/sluice.config.json", live: true },
      ],
    },
  },
  reloadConfig: { response: { revision: 3, changed: ["routing.defaultLayer"], restartRequired: ["port"] } },
  getHealth: {
    response: {
      status: "ok",
      redis: false,
      database: true,
      timestamp: "2025-12-05T06:00:00.000Z",
      providers: { openai: false, anthropic: false, openrouter: true, "oss-local": false },
      healthyProviders: ["openrouter"],
      layers: LAYERS,
      configuration: {
        logLevel: "info",
        defaultLayer: "L0",
        enableCrossCheck: true,
        enableAutoEscalate: false,
        maxEscalationLayer: "L0",
        enableCostTracking: true,
        costAlertThreshold: 1,
      },
    },
  },
  ...BUDGET_EXAMPLES,
  getUsage: { response: USAGE_REPORT },
  listRequests: { response: REQUEST_PAGE },
  getRequest: { response: RECEIPT },
  getLiveness: { response: { status: "ok" } },
  getLiveliness: { response: { status: "ok" } },
  getReadiness: { response: { status: "ok" } },
  getReadinessAlias: { response: { status: "ok" } },
};
