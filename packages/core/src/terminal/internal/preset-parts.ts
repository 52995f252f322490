import { GatewayError } from "../../errors.js";
import { TerminalPreset } from "../../schemas/terminal.js";
import { PresetSecrets, type TerminalPresetPatch, type TerminalPresetView } from "../../schemas/terminal-preset.js";

const SECRETS = ["password", "privateKey", "passphrase"] as const;

type Secret = (typeof SECRETS)[number];
type Credentials = { readonly [Name in Secret]?: string | undefined };

/** A prepared connection without its secrets. */
export type OpenPart = Readonly<Record<string, unknown>> & Pick<TerminalPreset, "type">;

/** Takes a prepared connection apart: what may be read, and what has to be sealed; null for nothing. */
export function parted(preset: TerminalPreset): { readonly open: OpenPart; readonly secrets: PresetSecrets | null } {
  const jump = preset.type === "ssh" ? preset.jump : undefined;
  const open = { ...openOf(preset), ...(jump ? { jump: jump.map(openOf) } : {}) } as OpenPart; // its type is no secret
  const secrets = { ...secretsOf(preset), ...(jump?.some(hasSecrets) ? { jump: jump.map(secretsOf) } : {}) };
  return { open, secrets: Object.keys(secrets).length > 0 ? secrets : null };
}

/** Puts it together again. @throws GatewayError `store_unavailable` where the parts do not fit */
export function joined(id: string, open: OpenPart, secrets: unknown): TerminalPreset {
  const { jump: jumpSecrets = [], ...own } = PresetSecrets.parse(secrets);
  const jump = Array.isArray(open.jump) ? open.jump.map((each, at) => ({ ...each, ...jumpSecrets[at] })) : undefined;
  const preset = TerminalPreset.safeParse({ ...open, ...own, ...(jump ? { jump } : {}) });
  if (preset.success) return preset.data;
  throw new GatewayError("store_unavailable", { details: `the preset ${id} is damaged`, cause: preset.error });
}

/** What answers show of a prepared connection. */
export function presetView(
  preset: TerminalPreset | OpenPart,
  about: Pick<TerminalPresetView, "id" | "source" | "problem" | "changedAt">,
): TerminalPresetView {
  // What is stored was valid once; which of the two kinds it is makes no difference here.
  const { type, host, port, username, hostKey, hostKeyPolicy, jump, login, encoding } = preset as Partial<
    Extract<TerminalPreset, { type: "ssh" }> & Omit<Extract<TerminalPreset, { type: "telnet" }>, "type">
  > &
    Pick<TerminalPreset, "type" | "host" | "port">;
  return {
    ...about,
    type,
    host,
    port,
    username: username ?? null,
    secrets: namesOf(preset),
    hostKey: hostKey ?? null,
    hostKeyPolicy: hostKeyPolicy ?? null,
    jump: (jump ?? []).map((each) => ({
      host: each.host,
      port: each.port,
      username: each.username ?? null,
      hostKey: each.hostKey ?? null,
      secrets: namesOf(each),
    })),
    login: login ?? null,
    encoding: encoding ?? null,
  };
}

/**
 * Secrets were given for one host, and the way to it: somebody who may change where a connection goes, but does not know
 * them, must not get them sent.
 * @throws GatewayError `invalid_request`
 */
export function assertSamePlace(before: TerminalPreset, after: TerminalPreset, patch: TerminalPresetPatch): void {
  if (placeOf(before) === placeOf(after)) return;
  const field = SECRETS.find((name) => name in after && patch[name] === undefined);
  const jump = after.type === "ssh" && after.jump?.some(hasSecrets) && patch.jump === undefined;
  const param = field ?? (jump ? "jump" : undefined);
  if (param === undefined) return;
  const details = `${param}: must be given anew, or null, where the connection goes to another host or another way`;
  throw new GatewayError("invalid_request", { param, details });
}

function placeOf(preset: TerminalPreset): string {
  const way = preset.type === "ssh" ? (preset.jump ?? []) : [];
  return JSON.stringify([...way, preset].map(({ host, port }) => [host.toLowerCase(), port]));
}

function openOf(holder: object): object {
  return Object.fromEntries(Object.entries(holder).filter(([name]) => !SECRETS.includes(name as Secret))); // only compared
}

function secretsOf(holder: Credentials | object): Credentials {
  const held = holder as Credentials; // a Telnet preset has some of them
  return Object.fromEntries(SECRETS.flatMap((name) => (held[name] === undefined ? [] : [[name, held[name]]])));
}

function hasSecrets(holder: Credentials): boolean {
  return Object.keys(secretsOf(holder)).length > 0;
}

function namesOf(holder: object): Secret[] {
  return SECRETS.filter((name) => (holder as Credentials)[name] !== undefined);
}
