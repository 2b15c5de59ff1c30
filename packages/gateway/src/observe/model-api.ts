/** What is asked of a model, by the end of the path, as OpenTelemetry's GenAI conventions name it. */
const OPERATIONS: readonly (readonly [RegExp, string])[] = [
  [/\/(?:chat\/completions|responses|messages)\/?$/, 'chat'],
  [/\/completions\/?$/, 'text_completion'],
  [/\/embeddings\/?$|:(?:batchE|e)mbedContents?$/, 'embeddings'],
  [/:(?:streamG|g)enerateContent$/, 'generate_content'],
  [/\/model\/[^/]+\/(?:invoke|converse)/, 'chat'],
]

/** Undefined for what asks no model, such as a list of them. */
export function operationOf(method: string, path: string): string | undefined {
  if (method !== 'POST') return undefined
  return OPERATIONS.find(([end]) => end.test(path))?.[1]
}

/** Values of `gen_ai.provider.name`, by hosts; the first that fits. */
const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/\.openai\.azure\.com$|\.services\.ai\.azure\.com$/, 'azure.ai.openai'],
  [/(?:^|\.)openai\.com$/, 'openai'],
  [/(?:^|\.)anthropic\.com$/, 'anthropic'],
  [/\.amazonaws\.com$/, 'aws.bedrock'],
  [/aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/(?:^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(?:^|\.)deepseek\.com$/, 'deepseek'],
  [/(?:^|\.)groq\.com$/, 'groq'],
  [/(?:^|\.)perplexity\.ai$/, 'perplexity'],
  [/(?:^|\.)x\.ai$/, 'x_ai'],
  [/(?:^|\.)cohere\.(?:com|ai)$/, 'cohere'],
]

/** By whose wire is spoken, where the host is nobody's that is known. */
const WIRES: Readonly<Record<string, string>> = {
  openai: 'openai',
  'openai-responses': 'openai',
  anthropic: 'anthropic',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
}

/** The value of `gen_ai.provider.name`; the host of one that is not known. */
export function providerNameOf(hostname: string, wire: string | null): string {
  const byHost = HOSTS.find(([host]) => host.test(hostname))?.[1]
  return byHost ?? (wire === null ? undefined : WIRES[wire]) ?? hostname
}
