import type { Example } from "./example.js";

const BASE_URL = "https://api.vendor.example/v1";
const PROVIDER = {
  id: "my-vendor",
  type: "openai-compatible",
  source: "created",
  on: true,
  problem: null,
  healthy: true,
  baseUrl: BASE_URL,
  apiKeys: ["…x7Qd"],
  headers: ["x-project"],
  timeouts: {},
  concurrency: 32,
  includeUsage: true,
  version: null,
  siteUrl: null,
  siteName: null,
  latencyMs: null,
  changedAt: "2026-01-05T06:00:00.000Z",
};

/** What routes about providers take and answer. */
export const PROVIDER_EXAMPLES: Readonly<Record<string, Example>> = {
  listProviders: { response: { data: [PROVIDER] } },
  createProvider: {
    request: {
      id: PROVIDER.id,
      type: PROVIDER.type,
      baseUrl: BASE_URL,
      apiKey: "vk-0123456789x7Qd",
      headers: { "x-project": "sluice" },
      concurrency: 32,
    },
    response: PROVIDER,
  },
  getProvider: { response: PROVIDER },
  updateProvider: {
    request: { apiKey: ["vk-0123456789x7Qd", "vk-9876543210aB3k"], concurrency: null },
    response: { ...PROVIDER, apiKeys: ["…x7Qd", "…aB3k"], concurrency: null },
  },
  deleteProvider: { response: { id: PROVIDER.id, deleted: true } },
};

const PRESET = {
  id: "build",
  type: "ssh",
  source: "created",
  problem: null,
  host: "build.internal",
  port: 22,
  username: "ci",
  secrets: ["privateKey"],
  hostKey: null,
  hostKeyPolicy: null,
  jump: [],
  login: null,
  encoding: null,
  changedAt: "2026-01-05T06:00:00.000Z",
};

/** What routes about prepared connections take and answer. */
export const PRESET_EXAMPLES: Readonly<Record<string, Example>> = {
  listTerminalPresets: { response: { presets: [PRESET] } },
  createTerminalPreset: {
    request: {
      id: PRESET.id,
      type: PRESET.type,
      host: PRESET.host,
      username: PRESET.username,
      privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----…",
    },
    response: PRESET,
  },
  getTerminalPreset: { response: PRESET },
  updateTerminalPreset: {
    request: { privateKey: null, password: "correct horse battery" },
    response: { ...PRESET, secrets: ["password"] },
  },
  deleteTerminalPreset: { response: { id: PRESET.id, deleted: true } },
};
