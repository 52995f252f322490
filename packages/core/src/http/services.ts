import type { Clock } from "../clock.js";
import type { ChatData, ForwardData } from "../dialects/model-call.js";

export type { ChatData } from "../dialects/model-call.js";

import type { GatewayError } from "../errors.js";
import type { ApiKeyPatch, ApiKeySecret, ApiKeyView, NewApiKey, Rotation } from "../schemas/api-key.js";
import type { AuditPage, AuditRequest } from "../schemas/audit-page.js";
import type { Alert, BudgetPatch, BudgetView, NewBudget } from "../schemas/budget.js";
import type { ConfigReload, ConfigView } from "../schemas/config-view.js";
import type { HostKeyView } from "../schemas/host-key.js";
import type { LoginAnswer, LoginRequest, Me, PasswordChange } from "../schemas/login.js";
import type { Model, ModelPatch, NewModel } from "../schemas/model.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { ListedPrice } from "../schemas/price-list.js";
import type { NewProvider, ProviderPatch, ProviderView } from "../schemas/provider.js";
import type { RouteAudit } from "../schemas/route-audit.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { OpenTerminalInput } from "../schemas/terminal.js";
import type { NewTerminalPreset, TerminalPresetPatch, TerminalPresetView } from "../schemas/terminal-preset.js";
import type { RequestPage, RequestReceipt, RequestsRequest, UsageReport, UsageRequest } from "../schemas/usage-view.js";
import type { NewUser, UserPatch, UserView } from "../schemas/user.js";
import type { Actor, CallContext } from "../spec/call.js";
import type { TerminalElsewhere } from "../spec/carried-call.js";
import type { ConfigOptions } from "../spec/config-source.js";
import type { GatewayRequest, GatewayResponse, Identity, LeaveSignal, Peer } from "../spec/http.js";
import type { Logger } from "../spec/logger.js";
import type { McpService } from "../spec/mcp.js";
import type { TerminalHandle } from "../spec/terminal-session.js";

/** The model catalogue as routes use it. */
export interface ModelsService {
  /**
   * Every model, in catalogue order: layer, priority, relativeCost (null last), id.
   * @param reader - who asks: then those that it may use
   */
  list(reader?: Identity): readonly Model[];
  /** @throws GatewayError `model_not_found`, also for one that the reader may not use */
  get(id: string, reader?: Identity): Model;
  /** @throws GatewayError `conflict`, `invalid_request`, `store_unavailable` */
  create(model: NewModel, actor?: Actor): Promise<Model>;
  /** @throws GatewayError `model_not_found`, `invalid_request`, `store_unavailable` */
  update(id: string, patch: ModelPatch, actor?: Actor): Promise<Model>;
  /** @throws GatewayError `model_not_found`, `store_unavailable` */
  remove(id: string, actor?: Actor): Promise<void>;
  /** Puts other prices in the place of the application's. */
  setPrices(prices: readonly ListedPrice[], actor?: Actor): void;
  /** Whether `auto` may use a layer. */
  layerEnabled(layer: Model["layer"]): boolean;
}

/** Credentials as routes use them. */
export interface AuthService {
  /** Whose credential it is; null for nobody's. A promise only for a token that was not seen lately. */
  identify(credential: string, connection?: object): Identity | null | Promise<Identity | null>;
  /** What is wrong with a credential that can be told without knowing the right one; null for nothing. */
  faultOf(credential: string): string | null;
  /** Who that is, in words; null for nobody in particular. */
  describe(identity: Identity): Me | null;
  /** @throws GatewayError `invalid_request`, `unauthorized`, `rate_limit_exceeded` */
  login(input: LoginRequest, actor: Actor): Promise<LoginAnswer>;
  /** @throws GatewayError `invalid_request`, `store_unavailable` */
  logout(token: string, actor: Actor): Promise<void>;
  /** @throws GatewayError as `login`, and `forbidden`, `store_unavailable` */
  changePassword(input: PasswordChange, actor: Actor): Promise<LoginAnswer>;
}

/** Users as routes use them. */
export interface UsersService {
  list(): readonly UserView[];
  /** @throws GatewayError `not_found` */
  get(id: string): UserView;
  /** @throws GatewayError `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  create(input: NewUser, actor: Actor): Promise<UserView>;
  /** The first admin, where there is nobody yet; null where there is. @throws GatewayError `store_unavailable` */
  createFirst(password: string): Promise<UserView | null>;
  /** @throws GatewayError `not_found`, `invalid_request`, `conflict`, `forbidden`, `store_unavailable` */
  update(id: string, patch: UserPatch, actor: Actor): Promise<UserView>;
  /** @throws GatewayError `not_found`, `conflict`, `forbidden`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** API keys as routes use them. Somebody else's key is not found. */
export interface KeysService {
  list(actor: Actor): readonly ApiKeyView[];
  /** @throws GatewayError `not_found` */
  get(id: string, actor: Actor): ApiKeyView;
  /** @throws GatewayError `invalid_request`, `forbidden`, `store_unavailable` */
  create(input: NewApiKey, actor: Actor): Promise<ApiKeySecret>;
  /** @throws GatewayError `not_found`, `invalid_request`, `forbidden`, `store_unavailable` */
  update(id: string, patch: ApiKeyPatch, actor: Actor): Promise<ApiKeyView>;
  /** @throws GatewayError `not_found`, `invalid_request`, `forbidden`, `store_unavailable` */
  rotate(id: string, options: Rotation, actor: Actor): Promise<ApiKeySecret>;
  /** @throws GatewayError `not_found`, `forbidden`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** The audit log as routes use it. */
export interface AuditService {
  /** Books that a request was refused. */
  refused(error: GatewayError, target: string, actor: Actor): void;
  /** @throws GatewayError `invalid_request`, `store_unavailable` */
  list(query: AuditRequest): Promise<AuditPage>;
}

/** The ledger as routes use it. A client reads its own rows only. */
export interface UsageService {
  /** @throws GatewayError `not_found`, `store_unavailable` */
  request(id: string, reader: Identity | undefined): Promise<RequestReceipt>;
  /** @throws GatewayError `store_unavailable` */
  requests(query: RequestsRequest, reader: Identity | undefined): Promise<RequestPage>;
  /** @throws GatewayError `invalid_request`, `store_unavailable` */
  totals(query: UsageRequest, reader: Identity | undefined): Promise<UsageReport>;
}

/** Budgets as routes use them. */
export interface BudgetsService {
  list(): Promise<readonly BudgetView[]>;
  /** @throws GatewayError `invalid_request`, `conflict`, `store_unavailable` */
  create(input: NewBudget, actor: Actor): Promise<BudgetView>;
  /** @throws GatewayError `not_found`, `store_unavailable` */
  update(id: string, patch: BudgetPatch, actor: Actor): Promise<BudgetView>;
  /** @throws GatewayError `not_found`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** Alerts as routes use them. */
export interface AlertsService {
  list(): readonly Alert[];
  /** @throws GatewayError `not_found`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** What a provider looks like from outside. */
export interface ProviderStatus {
  readonly name: string;
  readonly simulated: boolean;
  /** Configured, and not every one of its models is resting after failures. */
  readonly healthy: boolean;
}

/** Providers as routes use them. */
export interface ProvidersService {
  /** Those that can be called, the simulator included where it serves. */
  statuses(): readonly ProviderStatus[];
  list(): readonly ProviderView[];
  /** @throws GatewayError `not_found` */
  get(id: string): ProviderView;
  /** @throws GatewayError `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  create(input: NewProvider, actor: Actor): Promise<ProviderView>;
  /** @throws GatewayError `not_found`, `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  update(id: string, patch: ProviderPatch, actor: Actor): Promise<ProviderView>;
  /** @throws GatewayError `not_found`, `conflict`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
  /** Forgets every change. @throws GatewayError `store_unavailable` */
  reset(actor: Actor): Promise<void>;
}

/** The remembered keys of SSH hosts as routes use them. */
export interface HostKeysService {
  /** In order of their hosts. */
  list(): readonly HostKeyView[];
  /** @throws GatewayError `not_found`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** Prepared connections as routes use them. */
export interface PresetsService {
  list(): readonly TerminalPresetView[];
  /** @throws GatewayError `not_found` */
  get(id: string): TerminalPresetView;
  /** @throws GatewayError `invalid_request`, `conflict`, `not_configured`, `store_unavailable` */
  create(input: NewTerminalPreset, actor: Actor): Promise<TerminalPresetView>;
  /** @throws GatewayError `not_found`, `invalid_request`, `not_configured`, `store_unavailable` */
  update(id: string, patch: TerminalPresetPatch, actor: Actor): Promise<TerminalPresetView>;
  /** @throws GatewayError `not_found`, `store_unavailable` */
  remove(id: string, actor: Actor): Promise<void>;
}

/** Terminals as routes use them. */
export interface TerminalsService {
  /** @throws GatewayError whatever keeps it from being opened */
  open(input: OpenTerminalInput, actor: Actor, signal: LeaveSignal): Promise<TerminalHandle>;
  /** Those somebody may use. */
  list(actor: Actor): readonly TerminalHandle[];
  /** @throws GatewayError `not_found` */
  find(id: string, actor: Actor): TerminalHandle;
  /**
   * A terminal that another instance has; null for one that is here or nowhere.
   * @param actor - whose it must be; null for whoever shows a ticket, which that instance looks at
   * @throws GatewayError `store_unavailable`
   */
  elsewhere(id: string, actor: Actor | null): Promise<TerminalElsewhere | null>;
  /** Every terminal of other instances that somebody may use, as far as it is known now. */
  listElsewhere(actor: Actor): Promise<readonly TerminalElsewhere[]>;
  /** The terminal that a ticket is for. @throws GatewayError `unauthorized`, `not_found` */
  redeem(ticket: string, id: string): TerminalHandle;
  /** Whether the other end of a connection within this machine is the gateway's own user or root. */
  isOwnUser(peer: Peer): boolean;
  freeze(actor: Actor): Promise<void>;
  unfreeze(actor: Actor): void;
}

/** The configuration as routes use it. */
export interface ConfigurationService {
  view(): ConfigView;
  /** Reads it anew. @throws GatewayError `invalid_configuration`, `conflict`, `draining` */
  reload(actor: Actor): Promise<ConfigReload>;
  /** Takes other options. @throws GatewayError `invalid_configuration`, `draining` */
  replace(options: ConfigOptions, actor: Actor): Promise<ConfigReload>;
}

/** What routes may use; built in one place, handed in as types only. */
export interface Services {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly models: ModelsService;
  readonly auth: AuthService;
  readonly users: UsersService;
  readonly keys: KeysService;
  readonly audit: AuditService;
  readonly configuration: ConfigurationService;
  readonly usage: UsageService;
  readonly budgets: BudgetsService;
  readonly alerts: AlertsService;
  /** Why usage may be lost; null while all is well. */
  usageTrouble(): string | null;
  /** Lets one more model call in, before anything is done for it. @throws GatewayError `server_overloaded` */
  admit(): void;
  /** Why model calls are refused; null while they are not. */
  overload(): string | null;
  /** Why budgets are not kept over all instances; null while all is well. @param redisAnswers whether it does now */
  budgetsTrouble(redisAnswers: boolean): string | null;
  /**
   * Answers one chat: resolves with the response head, while the body may still be streaming.
   * @throws GatewayError anything the table holds
   */
  chat(data: ChatData, context: CallContext): Promise<GatewayResponse>;
  /** How a chat would be routed now; nobody is called. @throws GatewayError when nothing could serve it */
  explain(data: ChatData, context: CallContext): RouteDecision;
  /** How often the strong model's answer was another one than the cheap model's. */
  routeAudit(): RouteAudit;
  /** The same for everything else that is routed by model. */
  forward(data: ForwardData, context: CallContext): Promise<GatewayResponse>;
  /** Terminals, loaded on first use. @throws GatewayError `forbidden` where they are switched off */
  terminals(): Promise<TerminalsService>;
  /** The MCP server, loaded on first use. @throws GatewayError `forbidden` where it is switched off */
  mcp(): Promise<McpService>;
  /** The keys of SSH hosts, loaded on first use. @throws GatewayError `store_unavailable` */
  hostKeys(): Promise<HostKeysService>;
  readonly presets: PresetsService;
  readonly providers: ProvidersService;
  /** Resolves true when the store answers within a second. */
  storeAnswers(): Promise<boolean>;
  /** Resolves true when a Redis is configured and answers. */
  redisAnswers(): Promise<boolean>;
  /** `starting` until the first catalogue is loaded. */
  phase(): "starting" | "ready" | "draining";
  /** Where a request comes from, as far as it can be believed; undefined where nobody says. */
  readonly addressOf: (request: GatewayRequest, peer: Peer | undefined) => string | undefined;
  /** The host application's own authentication, where it has one. */
  readonly identify:
    | ((request: GatewayRequest, peer: Peer | undefined) => Identity | null | Promise<Identity | null>)
    | undefined;
}
