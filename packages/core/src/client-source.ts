import type { AgentStreamClient } from './client.ts'
import type { AgentStreamClientOptions } from './options.ts'

/** What a binding is given: a client to share, or the options of one of its own. */
export type ClientSource = AgentStreamClient | AgentStreamClientOptions

/** Tells by shape, so that a client from another copy of this package is one too. */
export function isClient(source: ClientSource): source is AgentStreamClient {
  return 'actor' in source
}
