import type { RunAction } from './run-routes.ts'

/** Whose runs the request may see and touch. */
export interface Grant {
  /** The user, the tenant: any text that stays the same. Stored with the runs they start. */
  readonly owner: string
}

/**
 * Decides about each request; `false` refuses it (401). Called before the body is read. With a `runId`, the run must
 * also belong to the owner that this returns.
 */
export type Authorize = (
  request: Request,
  what: { readonly action: RunAction; readonly runId?: string },
) => Grant | false | Promise<Grant | false>

/** Lets everyone start, see and cancel every run. */
export const allowAll: Authorize = () => ({ owner: 'everyone' })
