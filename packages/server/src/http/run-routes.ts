import { HttpError } from './http-error.ts'

/** What is asked of a run server, and what `authorize` decides about. */
export type RunAction = 'start' | 'list' | 'read' | 'input' | 'cancel' | 'report'

export interface Route {
  readonly action: RunAction
  readonly resource: 'runs' | 'run' | 'events' | 'input' | 'cancel' | 'report' | 'thread'
  /** Empty where there is no run yet. */
  readonly runId: string
  /** The client's name for a conversation. */
  readonly threadId?: string
}

const RUN_ID = /^[0-9a-f]{32}$/

const ACTIONS: Readonly<Record<Route['resource'], Readonly<Record<string, RunAction>>>> = {
  runs: { GET: 'list', POST: 'start' },
  run: { GET: 'read' },
  events: { GET: 'read' },
  input: { POST: 'input' },
  cancel: { POST: 'cancel' },
  report: { POST: 'report' },
  thread: { GET: 'read' },
}

/** What a request asks for. Throws what it is answered if it is nothing that there is. */
export function findRoute(method: string, pathname: string, basePath: string): Route {
  const found = findResource(pathname, basePath)
  const { resource } = found
  const action = ACTIONS[resource][method]
  if (!action) {
    const allowed = Object.keys(ACTIONS[resource]).join(', ')
    const message = `Expected ${allowed} for ${pathname}, received ${method}`
    throw new HttpError('method_not_allowed', message, { headers: { Allow: allowed } })
  }
  return { ...found, action }
}

function findResource(pathname: string, basePath: string): Omit<Route, 'action'> {
  const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length + 1) : ''
  const [runs, id, part, ...rest] = path.split('/')
  if (runs !== 'runs' || rest.length > 0) throw notFound(basePath)
  if (id === undefined) return { resource: 'runs', runId: '' }
  if (id === 'report' && part === undefined) return { resource: 'report', runId: '' }
  if (part === 'stream') return { resource: 'thread', runId: '', threadId: decodePart(id) }
  if (part !== undefined && part !== 'events' && part !== 'input' && part !== 'cancel')
    throw notFound(basePath)
  if (!RUN_ID.test(id)) throw unknownRun()
  return { resource: part ?? 'run', runId: id }
}

/** What cannot be decoded is nobody's name. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** Says nothing about what was asked for: it may be anything. */
export function unknownRun(): HttpError {
  return new HttpError('unknown_run', 'There is no such run: it never was, has expired, or is not yours')
}

function notFound(basePath: string): HttpError {
  return new HttpError('not_found', `There is nothing here. Runs are at ${basePath}/runs`)
}
