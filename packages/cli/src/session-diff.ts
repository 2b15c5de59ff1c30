import type { RecordedSession } from '@agent-stream/protocol'

import { type AlignedStep, alignSteps } from './align-steps.ts'
import { stepsOfBoth } from './run-steps.ts'
import { createSessionMeter, type SessionFigures } from './session-figures.ts'

export interface SessionDiff {
  readonly a: SessionFigures
  readonly b: SessionFigures
  /** Whether both have the same steps in the same order; times may differ. */
  readonly isSame: boolean
  readonly steps: readonly AlignedStep[]
}

export function diffSessions(a: RecordedSession, b: RecordedSession): SessionDiff {
  const steps = alignSteps(...stepsOfBoth(a, b))
  return {
    a: figuresOf(a),
    b: figuresOf(b),
    isSame: steps.every(({ change }) => change === 'same'),
    steps,
  }
}

function figuresOf({ events, end, ...info }: RecordedSession): SessionFigures {
  const meter = createSessionMeter(info)
  for (const event of events) meter.event(event)
  return meter.finish(end)
}
