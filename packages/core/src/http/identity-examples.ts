import type { Example } from "./example.js";

const CREATED = "2026-01-05T06:00:00.000Z";
const TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...";
const ADMIN = { id: "admin", username: "admin", role: "admin" };
const USER = { id: "kim", username: "kim", role: "operator", terminals: ["ssh"], createdAt: CREATED };

const KEY = {
  id: "Xb3kQ9Za",
  prefix: "slc_Xb3kQ9Za",
  name: "web shop",
  role: "client",
  scopes: ["chat", "embeddings"],
  models: null,
  layers: ["L0", "L1"],
  limits: { requests: 600, windowSeconds: 3_600, tokensPerMinute: 100_000, concurrency: 8 },
  expiresAt: "2027-01-05T06:00:00.000Z",
  userId: "kim",
  createdBy: { id: "kim", kind: "user" },
  createdAt: CREATED,
  lastUsedAt: "2026-02-01T08:00:00.000Z",
  previousUntil: null,
};
const SECRET = "slc_Xb3kQ9Za…";

/** The examples of logins, users, keys and the audit log, by `operationId`. */
export const IDENTITY_EXAMPLES: Readonly<Record<string, Example>> = {
  login: { request: { username: "admin", password: "admin123" }, response: { token: TOKEN, user: ADMIN } },
  logout: { response: { success: true } },
  changePassword: {
    request: { currentPassword: "admin123", newPassword: "correct horse battery" },
    response: { token: TOKEN, user: ADMIN },
  },
  getMe: { response: { user: USER } },
  listKeys: { response: { data: [KEY] } },
  createKey: {
    request: {
      name: KEY.name,
      scopes: KEY.scopes,
      layers: KEY.layers,
      limits: KEY.limits,
      expiresAt: KEY.expiresAt,
    },
    response: { key: KEY, secret: SECRET },
  },
  getKey: { response: KEY },
  updateKey: { request: { layers: null }, response: { ...KEY, layers: null } },
  rotateKey: {
    request: { overlapSeconds: 3_600 },
    response: { key: { ...KEY, previousUntil: "2026-02-01T09:00:00.000Z" }, secret: SECRET },
  },
  deleteKey: { response: { id: KEY.id, deleted: true } },
  listUsers: { response: { data: [USER] } },
  createUser: {
    request: { username: "kim", password: "correct horse battery", role: "operator", terminals: ["ssh"] },
    response: USER,
  },
  getUser: { response: USER },
  updateUser: { request: { role: "viewer" }, response: { ...USER, role: "viewer" } },
  deleteUser: { response: { id: "kim", deleted: true } },
  listAudit: {
    response: {
      data: [
        {
          id: "aud_mk0v9y5c000002f1",
          at: CREATED,
          instance: "gw_5b0d1c",
          actor: { id: "kim", kind: "user" },
          action: "key.create",
          target: KEY.id,
          outcome: "ok",
          details: { role: "client" },
          address: "203.0.113.7",
          previous: "",
          hash: "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
        },
      ],
      nextCursor: null,
    },
  },
};
