export { type Clock, systemClock } from "./clock.js";
export { FAILURES, type FailureCode, GatewayError, type GatewayErrorOptions, isGatewayError } from "./errors.js";
export { type FetchMountOptions, fetchGateway } from "./fetch-gateway.js";
export { type CallOptions, Gateway } from "./gateway.js";
export type { GatewayAudit } from "./gateway-audit.js";
export type { GatewayAuth } from "./gateway-auth.js";
export type { GatewayConfiguration } from "./gateway-config.js";
export type { GatewayHostKeys } from "./gateway-host-keys.js";
export type { GatewayKeys } from "./gateway-keys.js";
export type { GatewayModels } from "./gateway-models.js";
export type { GatewayPresets } from "./gateway-presets.js";
export type { GatewayProviders } from "./gateway-providers.js";
export type { GatewayTerminals, TerminalCallOptions } from "./gateway-terminals.js";
export type { GatewayUsage, UsageQuery } from "./gateway-usage.js";
export type { GatewayUsers } from "./gateway-users.js";
export { cleanPrefix, OUTSIDE, targetBelow } from "./http/prefix.js";
export type { ProviderStatus } from "./http/services.js";
export type { McpServer, McpTransport } from "./mcp.js";
export type { GatewayOptions } from "./options.js";
export { requirePeer } from "./require-peer.js";
export { LearnedScore, type LearnedState } from "./routing/pre-route/learned-score.js";
export type { ApiKeyPatch, ApiKeySecret, ApiKeyView, NewApiKey, Rotation, Scope } from "./schemas/api-key.js";
export { type AuditRow, auditHash, chainedAuditRow } from "./schemas/audit.js";
export type { AuditPage, AuditRequest } from "./schemas/audit-page.js";
export type { Alert, Budget, BudgetView, NewBudget } from "./schemas/budget.js";
export { type ChatInput, type ChatMessage, ChatRequest } from "./schemas/chat.js";
export type { ChatCompletion, ChatCompletionChunk } from "./schemas/chat-completion.js";
export type { GatewayConfigInput } from "./schemas/config-input.js";
export { configValues, isSecretKey, MASK, originOf, USER_INFO, withoutSecrets } from "./schemas/config-values.js";
export type { ConfigReload, ConfigView } from "./schemas/config-view.js";
export type { EmbeddingInput, EmbeddingList } from "./schemas/forward.js";
export type { Health } from "./schemas/health.js";
export type { HostKeyView } from "./schemas/host-key.js";
export type { CallRole, CallStatus, CallVerdict, LedgerRow, UnitPrice, UsageSource } from "./schemas/ledger.js";
export type { LoginAnswer, LoginRequest, PasswordChange } from "./schemas/login.js";
export {
  LAYERS,
  type LayerName,
  MODELS,
  type Model,
  type ModelPatch,
  type NewModel,
  type Price,
} from "./schemas/model.js";
export type { LayersView } from "./schemas/model-view.js";
export { OPERATIONS, type Operation } from "./schemas/operation.js";
export type { ProviderConfig } from "./schemas/options/provider-config.js";
export { GatewayConfig } from "./schemas/options.js";
export { type ListedPrice, PriceList } from "./schemas/price-list.js";
export { type NewProvider, PROVIDERS, type ProviderPatch, type ProviderView } from "./schemas/provider.js";
export type { RouteAudit } from "./schemas/route-audit.js";
export type { RouteDecision } from "./schemas/route-decision.js";
export {
  OpenTerminal,
  type OpenTerminalInput,
  type TerminalExit,
  type TerminalSession,
  type TerminalSessionDetail,
  type TerminalSize,
} from "./schemas/terminal.js";
export type { ExecuteOptions, ExecuteResult, Execution, TerminalSignalName } from "./schemas/terminal-call.js";
export type { NewTerminalPreset, TerminalPresetPatch, TerminalPresetView } from "./schemas/terminal-preset.js";
export { USAGE_GROUPS, type UsageGroup, type UsageTotals } from "./schemas/usage-totals.js";
export type { RequestPage, RequestReceipt, RequestView, UsageReport } from "./schemas/usage-view.js";
export type { NewUser, UserPatch, UserView } from "./schemas/user.js";
export type { AuditFilter, AuditQuery, AuditStore } from "./spec/audit-store.js";
export type { Actor } from "./spec/call.js";
export type { ConfigOptions, ConfigReading, ConfigSource } from "./spec/config-source.js";
export type {
  AttemptEvent,
  CostAlertEvent,
  Emit,
  ErrorEvent,
  FallbackEvent,
  GatewayEvents,
  RequestEvent,
  ResponseEvent,
} from "./spec/events.js";
export type {
  ByteSink,
  ByteStream,
  GatewayRequest,
  GatewayResponse,
  Identity,
  IdentityLimits,
  LeaveSignal,
  Peer,
  Role,
  TerminalType,
} from "./spec/http.js";
export { ROLES, TERMINAL_TYPES } from "./spec/http.js";
export type { AskOptions, Judge, JudgedAnswer, JudgeInput, Verdict } from "./spec/judge.js";
export type { Limiter, LimitRule, LimitVerdict } from "./spec/limiter.js";
export { type Logger, silentLogger } from "./spec/logger.js";
export type { MessageSocket } from "./spec/message-socket.js";
export type { PasswordHasher } from "./spec/password-hasher.js";
export type {
  Dialect,
  DiscoveredModel,
  Exchange,
  Provider,
  ProviderCall,
  Receiver,
  TimeoutOverrides,
  Timeouts,
  UpstreamHeaders,
} from "./spec/provider.js";
export type { ChangeNotice, Entries, EntryKind, EntryStore, Store } from "./spec/store.js";
export type {
  CommandExit,
  CommandStream,
  OpenRequest,
  RunningTerminal,
  TerminalCommand,
  TerminalContext,
  TerminalDriver,
  TerminalReceiver,
  TerminalStream,
} from "./spec/terminal.js";
export type {
  ExecuteCallOptions,
  ReadOptions,
  ReadOutput,
  StartedCommand,
  TerminalHandle,
} from "./spec/terminal-session.js";
export type { TracerProvider } from "./spec/tracing.js";
export type { Usage } from "./spec/usage.js";
export type { RequestsQuery, TotalsQuery, UsageFilter, UsageStore } from "./spec/usage-store.js";
export { memoryStore } from "./stores/memory.js";
export { VERSION } from "./version.js";
