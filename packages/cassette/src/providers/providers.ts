import { providerOfHost } from '../key/provider-name.ts'
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
  if (isProviderName(name)) return PROVIDERS[name]
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

/** The provider by a host alone, as agentrec tells it; null for any other host. */
export function providerForHost(host: string): Provider | null {
  const name = providerOfHost(host)
  return isProviderName(name) ? PROVIDERS[name] : null
}

function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name)
}
