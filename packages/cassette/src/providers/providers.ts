import { anthropic } from './anthropic.ts'
import { describeRequest } from './describe-request.ts'
import { gemini } from './gemini.ts'
import { mistral } from './mistral.ts'
import { providerOfModel } from './models.ts'
import { openai } from './openai.ts'
import { openaiResponses } from './openai-responses.ts'
import type { ModelRequest, Provider, ProviderName } from './provider.ts'

/** All providers, by name. */
export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  openai,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
  mistral,
}

/** The provider of this name. Throws `TypeError` if there is none. */
export function providerNamed(name: string): Provider {
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name as ProviderName] : undefined
  if (provider) return provider
  const known = Object.keys(PROVIDERS).join(', ')
  throw new TypeError(`There is no provider "${name}": give one of ${known}`)
}

/** The provider that a model's name says; null where it says none, as that of a local model. */
export function providerForModel(model: string): Provider | null {
  const name = providerOfModel(model)
  return name && PROVIDERS[name]
}

/** The provider whose wire a request speaks, whatever server it is for; null for none that is known. */
export function providerForRequest(request: ModelRequest): Provider | null {
  const { wire } = describeRequest(request)
  return wire && PROVIDERS[wire]
}

/** Parts of the hosts that agentrec's cassette ids and keys name their providers by; the first that is found counts. */
const HOSTS: readonly (readonly [string, ProviderName])[] = [
  ['mistral', 'mistral'],
  ['generativelanguage', 'gemini'],
  ['anthropic', 'anthropic'],
  ['openai', 'openai'],
]

/** The provider by a host alone, as agentrec tells it; null for any other host. */
export function providerForHost(host: string): Provider | null {
  const name = HOSTS.find(([part]) => host.toLowerCase().includes(part))?.[1]
  return name ? PROVIDERS[name] : null
}
