import type { BuildOptions, Provider } from '../providers/provider.ts'

/** A model cannot be asked without a key. */
export class MissingKeyError extends Error {
  override readonly name = 'MissingKeyError'
}

/**
 * What a request to a model is built with. Throws `MissingKeyError` without a key, except for another address than the
 * provider's own: a local server needs none.
 */
export function requireKey(
  model: string,
  provider: Provider,
  apiKey: string | undefined,
  baseUrl: string | undefined,
): Pick<BuildOptions, 'apiKey' | 'baseUrl'> {
  if (apiKey === undefined && baseUrl === undefined) {
    throw new MissingKeyError(`${model} needs an API key: set ${provider.apiKeyVariables.join(' or ')}`)
  }
  return { ...(apiKey !== undefined && { apiKey }), ...(baseUrl !== undefined && { baseUrl }) }
}

/** The key of a provider in the environment; the first variable that is set counts. */
export function apiKeyIn(
  environment: Readonly<Record<string, string | undefined>>,
  { apiKeyVariables }: Provider,
): string | undefined {
  return apiKeyVariables.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
}
