import type { AiSdkUiChunk } from '@agent-stream/protocol/dialects/ai-sdk-ui'
import { describe, expect, it } from 'vitest'

import { createChunkReplay } from '../src/chunk-replay.ts'

const STEP: AiSdkUiChunk = { type: 'start-step' }
const text = (delta: string): AiSdkUiChunk => ({ type: 'text-delta', id: 't', delta })

function replayOf(...chunks: AiSdkUiChunk[]) {
  const replay = createChunkReplay()
  for (const chunk of chunks) replay.next(chunk)
  replay.restart()
  return (...again: AiSdkUiChunk[]) => again.map((chunk) => replay.next(chunk))
}

describe('a replay of chunks', () => {
  it('gives what comes again no second time, and goes on after it', () => {
    expect(replayOf(STEP, text('a'))(STEP, text('a'), text('b'))).toEqual([[], [], [text('b')]])
  })

  it('takes the step back in which something else is told', () => {
    const again = replayOf(STEP, text('a'), text('b'), text('c'))
    expect(again(STEP, text('a'), text('x'), text('y'))).toEqual([
      [],
      [],
      [{ type: 'reset-step' }, text('a'), text('x')],
      [text('y')],
    ])
  })

  it('cannot take back what lies before the step', () => {
    expect(replayOf(STEP, text('a'), STEP, text('b'))(STEP, text('x'))).toEqual([[], undefined])
    expect(replayOf(text('a'))(text('x'))).toEqual([undefined])
  })

  it('tells again what was told again', () => {
    const replay = createChunkReplay()
    for (const chunk of [STEP, text('a'), text('b')]) replay.next(chunk)
    replay.restart()
    replay.next(STEP)
    replay.next(text('x'))
    replay.restart()
    expect([STEP, text('x'), text('z')].map(replay.next)).toEqual([[], [], [text('z')]])
  })
})
