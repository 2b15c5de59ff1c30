/// <reference types="vite/client" />
import { parseRecording, type RecordedSession } from '@agent-stream/protocol'
import { expect, it } from 'vitest'

import { runRecording } from '../src/index.ts'
// The file itself, as the bundler brings it.
import recording from './recordings/run-log.jsonl?raw'

it('plays a recording in a browser as in Node: an hour in no time, and resumed after a cut', async () => {
  const session = parseRecording(recording).sessions[0] as RecordedSession
  const whole = await runRecording(session)
  expect(whole.transitions.map(({ to }) => to)).toEqual(['streaming.connecting', 'streaming.open', 'done'])
  const cut = await runRecording(session, { chunking: 7, faults: [{ type: 'cut', afterBytes: 500 }] })
  expect(cut.requests).toHaveLength(2)
  expect(cut.final).toEqual(whole.final)
})
