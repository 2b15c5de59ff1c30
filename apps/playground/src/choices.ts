import type { QuestionKind } from '../server/stream-request.ts'
import type { ClientMode } from './stage.ts'

/** Whether a run is kept by the server, or is gone with its connection. */
export type RunMode = 'durable' | 'plain'

export interface Choices {
  readonly recording: string | null
  /** 1 is the recording's own pace. */
  readonly speed: number
  readonly clients: ClientMode
  readonly runs: RunMode
  /** What the agent asks on its way. Runs that are not kept cannot ask. */
  readonly ask: QuestionKind
}

/** What a window is opened to follow. */
export interface Followed {
  /** One for each client; empty where there is nothing to follow. */
  readonly runIds: readonly string[]
  /** Which server it talks to, from 1. */
  readonly server: number
}

const ASKS: readonly string[] = ['approval', 'choice']

/** What the page's address asks for, so that a choice can be linked to. */
export function readChoices(search: string): Choices & Followed {
  const query = new URLSearchParams(search)
  const speed = Number(query.get('speed') ?? 1)
  const ask = query.get('ask') ?? ''
  const server = Number(query.get('server') ?? 1)
  return {
    recording: query.get('recording'),
    speed: speed > 0 ? speed : 1,
    clients: query.get('clients') === 'own' ? 'own' : 'shared',
    runs: query.get('runs') === 'plain' ? 'plain' : 'durable',
    ask: ASKS.includes(ask) ? (ask as QuestionKind) : 'none',
    runIds: query.get('run')?.split(',') ?? [],
    server: Number.isInteger(server) && server > 0 ? server : 1,
  }
}

/** Leaves out what goes without saying. */
export function writeChoices(choices: Choices, { runIds, server }: Followed): string {
  const { recording, speed, clients, runs, ask } = choices
  return `?${new URLSearchParams({
    ...(recording && { recording }),
    speed: String(speed),
    clients,
    ...(runs === 'plain' && { runs }),
    ...(ask !== 'none' && { ask }),
    ...(runIds.length > 0 && { run: runIds.join(',') }),
    ...(server > 1 && { server: String(server) }),
  })}`
}
