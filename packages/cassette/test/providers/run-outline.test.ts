import { createFold, createSseReader, endRun } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/providers.ts'
import { createRunOutline } from '../../src/providers/run-outline.ts'
import { recordedStream, recordedStreams, STREAM_FOLDERS } from './recorded-stream.ts'

const files = Object.entries(STREAM_FOLDERS).flatMap(([folder, name]) =>
  recordedStreams(folder).map((file) => ({ folder, name, file })),
)

describe('createRunOutline', () => {
  it.each(files)('ends $file as the fold does, whole or cut, in little space', ({ folder, name, file }) => {
    const stream = recordedStream(folder, file)
    for (const share of [0.3, 0.7, 1]) {
      const whole = createFold()
      const outline = createRunOutline()
      const decoder = PROVIDERS[name].dialect.createDecoder()
      const take = (decoded: ReturnType<typeof decoder.end>) => {
        for (const item of decoded) {
          outline.take(item)
          if (item.type === 'warning') whole.warn(item)
          else whole.apply(item)
        }
      }
      const reader = createSseReader({ onMessage: (message) => take(decoder.decode(message)) })
      reader.feed(stream.subarray(0, Math.floor(stream.length * share)))
      take(decoder.end())
      const { outcome, error, done, usage, tools } = endRun(whole.snapshot(), 'closed')
      const state = outline.state('closed')
      expect(state).toMatchObject({ outcome, error, done, usage })
      expect(state.tools.map(({ id, status }) => [id, status])).toEqual(
        tools.map(({ id, status }) => [id, status]),
      )
      expect(state.parts.length).toBeLessThanOrEqual(tools.length + 8)
    }
  })

  it('knows that an error was not the last word', () => {
    const outline = createRunOutline()
    outline.take({ type: 'token', text: 'a' })
    outline.take({ type: 'error', errorType: 'x', message: 'y' })
    expect(outline.state('closed').outcome).toBe('failed')
    outline.take({ type: 'token', text: 'b' })
    expect(outline.state('closed').outcome).toBe('truncated')
  })
})
