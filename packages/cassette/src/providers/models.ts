import type { ProviderName } from './provider.ts'

/** The prefixes of the models that each provider is known for. */
const FAMILIES: readonly (readonly [RegExp, ProviderName])[] = [
  [/^(gpt-|chatgpt-|o\d|codex-|computer-use-)/, 'openai'],
  [/^claude/, 'anthropic'],
  [/^(gemini|gemma-)/, 'gemini'],
  [/^(open-mi[sx]t?ral-|mistral-|codestral-|ministral-|pixtral-|magistral-|devstral-|voxtral-)/, 'mistral'],
]

/**
 * A model's own name: without the vendor that gateways put before it (`openai/gpt-5`, `us.anthropic.claude-…`,
 * `models/gemini-…`) and the mark of a fine-tuned one (`ft:gpt-4o:…`). In lower case.
 */
export function bareModel(model: string): string {
  const name = model.toLowerCase().replace(/^.*\//, '')
  return name.replace(/^ft:/, '').replace(/^([a-z-]+\.)*anthropic\./, '')
}

/** The provider that a model's name says; null where it says none. */
export function providerOfModel(model: string): ProviderName | null {
  const name = bareModel(model)
  return FAMILIES.find(([prefix]) => prefix.test(name))?.[1] ?? null
}

/**
 * Whether it is one of OpenAI's reasoning models, the o series and gpt-5 and later: they take `max_completion_tokens` for
 * `max_tokens`, and no temperature. Their `-chat` variants don't reason.
 */
export function isOpenaiReasoningModel(model: string): boolean {
  const name = bareModel(model)
  return /^(o\d|gpt-([5-9]|\d\d)|codex-)/.test(name) && !/-chat\b/.test(name)
}

/** Whether an Anthropic model takes a temperature: those from Opus 4.7 and the fifth generation on don't. */
export function takesAnthropicTemperature(model: string): boolean {
  return !/^claude-(opus-4-[7-9]|[a-z]+-([5-9]|\d\d))\b/.test(bareModel(model))
}
