/** What a caller may send to an operation, and what comes back. */
export interface Example {
  readonly request?: unknown;
  readonly response?: unknown;
}

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
  listModels: { response: { object: "list", data: [FREE] } },
  listLayers: { response: { layers: LAYERS } },
  getModel: { response: FREE },
  createModel: { request: MODEL, response: view(MODEL) },
  updateModel: {
    request: { enabled: false, priority: 5 },
    response: view({ ...MODEL, enabled: false, priority: 5 }),
  },
  deleteModel: { response: { id: MODEL.id, deleted: true } },
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
  getLiveness: { response: { status: "ok" } },
  getLiveliness: { response: { status: "ok" } },
  getReadiness: { response: { status: "ok" } },
  getReadinessAlias: { response: { status: "ok" } },
};
