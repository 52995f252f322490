import { GatewayError } from "../../errors.js";

/** Variables by which providers' own tools know their keys. */
const KEY_VARIABLES = new Set(
  [
    "OPENAI_API_KEY OPENAI_ADMIN_KEY AZURE_OPENAI_API_KEY AZURE_API_KEY ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN",
    "OPENROUTER_API_KEY OSS_LOCAL_API_KEY GEMINI_API_KEY GOOGLE_API_KEY GOOGLE_GENERATIVE_AI_API_KEY MISTRAL_API_KEY",
    "GROQ_API_KEY COHERE_API_KEY CO_API_KEY TOGETHER_API_KEY TOGETHERAI_API_KEY DEEPSEEK_API_KEY XAI_API_KEY",
    "FIREWORKS_API_KEY PERPLEXITY_API_KEY CEREBRAS_API_KEY SAMBANOVA_API_KEY NVIDIA_API_KEY HF_TOKEN HUGGINGFACE_API_KEY",
    "HUGGING_FACE_HUB_TOKEN REPLICATE_API_TOKEN MOONSHOT_API_KEY DASHSCOPE_API_KEY ZHIPUAI_API_KEY VOYAGE_API_KEY",
    "AI21_API_KEY DEEPINFRA_API_KEY AWS_BEARER_TOKEN_BEDROCK JWT_SECRET ADMIN_PASSWORD",
  ].flatMap((line) => line.split(" ")),
);

/** Whether a secret that the gateway knows stands in a text. */
export type HoldsSecret = (text: string) => boolean;

/** The variable that holds a key, by its name or its value; undefined for none. */
export function keyVariable(
  env: Readonly<Record<string, string>> | undefined,
  holdsSecret: HoldsSecret,
): string | undefined {
  const found = Object.entries(env ?? {}).find(
    ([name, value]) => KEY_VARIABLES.has(name) || name.startsWith("SLUICE_") || holdsSecret(value),
  );
  return found?.[0];
}

/**
 * A key in a terminal's environment is everybody's who may type there, and every program's that runs there.
 * @throws GatewayError `invalid_request` naming the variable, never its value
 */
export function assertNoKeys(env: Readonly<Record<string, string>> | undefined, holdsSecret: HoldsSecret): void {
  const name = keyVariable(env, holdsSecret);
  if (name === undefined) return;
  throw new GatewayError("invalid_request", {
    param: `env.${name}`,
    details: `env.${name}: keys have no place in a terminal (terminal.allowSecrets lets them in)`,
  });
}
