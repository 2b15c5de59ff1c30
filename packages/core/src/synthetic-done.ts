import { type RunError, type RunState, snakeCase } from '@agent-stream/protocol'

import type { AgentStreamClientOptions, StreamRequest } from './options.ts'
import { ask, isAbsolute, requestUrl } from './request.ts'

/** What is known of a stream that ended without `done`. Holds no text of the run. */
export interface SyntheticDoneReport {
  /** The stream was closed, or the connection dropped and the request must not be repeated. */
  readonly reason: 'closed' | 'dropped'
  readonly runId: string | null
  /** Without its query. */
  readonly url: string
  readonly eventCount: number
  readonly lastEventType: string | null
  /** Names of the tools that were running. */
  readonly hungTools: readonly string[]
  /** Why the connection dropped. */
  readonly error: string | null
}

export function syntheticDoneReport(
  run: RunState,
  { url }: StreamRequest,
  error: RunError | null,
): SyntheticDoneReport {
  return {
    reason: error ? 'dropped' : 'closed',
    runId: run.runId,
    url: url.replace(/[?#].*/s, ''),
    eventCount: run.eventCount,
    lastEventType: run.lastEventType,
    hungTools: run.tools.filter((tool) => tool.status === 'incomplete').map((tool) => tool.name),
    error: error?.message ?? null,
  }
}

/** Posts the report as JSON in snake_case. The run is over: whether this arrives changes nothing for it. */
export async function postReport(
  options: AgentStreamClientOptions,
  reportUrl: string,
  report: SyntheticDoneReport,
): Promise<void> {
  const wire = Object.fromEntries(Object.entries(report).map(([name, value]) => [snakeCase(name), value]))
  // Where the report goes is not where the token belongs, unless it is under baseUrl.
  const sender = isAbsolute(reportUrl) ? { fetch: options.fetch } : options
  try {
    await ask(sender, requestUrl(options, reportUrl), JSON.stringify(wire), { keepalive: true })
  } catch {
    // The network that lost the stream may be down still. There is nobody left to tell.
  }
}
