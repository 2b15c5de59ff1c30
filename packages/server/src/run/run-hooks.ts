import type { RunState } from '@agent-stream/protocol'

import type { RunInfo } from '../log/run-store.ts'

/** What a run server tells its application. A hook may be called again for the same run, after a crash. */
export interface RunHooks {
  /** Before the agent's first start. What it throws is reported; the run goes on. */
  readonly onStart?: (run: RunInfo) => void | Promise<void>
  /** After `done` is stored. What throws is called again later. */
  readonly onEnd?: (run: RunInfo, state: RunState) => void | Promise<void>
  /** What the agent, a hook or the log threw. Readers of the stream are not told. Default: `console.error`. */
  readonly onError?: (error: unknown, run?: RunInfo) => void
}
