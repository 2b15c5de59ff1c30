import type { Dialect } from '../dialect.ts'
import { anthropicMessages } from './anthropic-messages.ts'

export { anthropicMessages }

/** Every dialect there is, for a client that is to read whatever comes. */
export const allDialects: readonly Dialect[] = [anthropicMessages]
