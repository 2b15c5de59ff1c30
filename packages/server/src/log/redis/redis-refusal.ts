import { LogError } from '../log-error.ts'

/** What the scripts refuse. */
export type RedisRefusal =
  | readonly ['not_found']
  | readonly ['fenced', epoch: string]
  | readonly ['ended' | 'rewound', last: number]

/** `after`: the number of the event that the log should have. */
export function refused(runId: string, after: number, refusal: RedisRefusal): LogError {
  switch (refusal[0]) {
    case 'not_found':
      return notFound(runId)
    case 'fenced':
      return new LogError('fenced', `The run ${runId} was taken over: its epoch is ${refusal[1]}`)
    case 'ended':
      return new LogError('ended', `The run ${runId} has ended with event ${refusal[1]}`)
    case 'rewound': {
      const last = refusal[1]
      const what = last < after ? `ends with event ${last}, before event ${after}` : `has lost event ${after}`
      return new LogError('rewound', `The log of run ${runId} ${what}`, { last })
    }
  }
}

export function notFound(runId: string): LogError {
  const name = JSON.stringify(runId.slice(0, 80))
  return new LogError('not_found', `There is no run ${name}: it never was, or it has expired`)
}
