import { underneath } from './install.ts'
import type { Fetch } from './prepare-request.ts'

/** The `fetch` that asks the network: a caller's own, or the global one under whatever is installed over it. */
export function liveFetch(own: Fetch | undefined): Fetch {
  return own ?? underneath(globalThis.fetch)
}
