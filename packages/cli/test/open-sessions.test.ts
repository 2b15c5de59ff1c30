import { createRecordingReader } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { createOpenSessions } from '../src/open-sessions.ts'
import type { RecordingItem } from '../src/recording-items.ts'
import { V1 } from './recording-folder.ts'

const V2 = {
  header: (id: string, part?: number) =>
    `{"session": "${id}", "started_at": "", "t": 0, "v": 2${part ? `, "part": ${part}` : ''}}`,
  event: (sid: string, event = 'turn') => `{"t": 0, "event": "${event}", "data": {}, "sid": "${sid}"}`,
  end: (sid: string) => `{"t": 0, "event": "session_end", "data": {"status": "aborted"}, "sid": "${sid}"}`,
}

function itemsOf(lines: readonly string[]): RecordingItem[] {
  const items: RecordingItem[] = []
  const reader = createRecordingReader({
    onSession: (session) => items.push({ type: 'session', session }),
    onEvent: (sessionId, event) => items.push({ type: 'event', sessionId, event }),
    onEnd: (sessionId, end) => items.push({ type: 'end', sessionId, end }),
  })
  reader.feed(`${lines.join('\n')}\n`)
  return items
}

/** What was told of sessions: `a+` begins, `a` an event, `a- end` is whole. */
function storyOf(files: readonly (readonly string[])[], maxOpen?: number) {
  const story: string[] = []
  const sessions = createOpenSessions(({ id }) => {
    story.push(`${id}+`)
    return { event: () => story.push(id), finish: (end) => story.push(`${id}- ${end}`) }
  }, maxOpen)
  for (const [place, lines] of files.entries())
    sessions.take({ file: `${place}`, items: itemsOf(lines), isLast: true })
  story.push('end')
  sessions.finish()
  return { story, count: sessions.count, lateEvents: sessions.lateEvents }
}

describe('createOpenSessions', () => {
  it('closes sessions of version 1 at the next header, and at the end of their file', () => {
    const lines = [V1.header('a'), V1.event(0, 'turn'), V1.header('b'), V1.event(0, 'turn')]
    expect(storyOf([lines])).toEqual({
      story: ['a+', 'a', 'a- null', 'b+', 'b', 'b- null', 'end'],
      count: 2,
      lateEvents: 0,
    })
  })

  it('keeps sessions apart that were under way together, and closes each at its end', () => {
    const lines = [V2.header('a'), V2.header('b'), V2.event('b'), V2.event('a'), V2.end('a'), V2.event('b')]
    expect(storyOf([lines]).story).toEqual(['a+', 'b+', 'b', 'a', 'a- aborted', 'b', 'end', 'b- null'])
  })

  it('goes on with a session in the file that rotation began', () => {
    const files = [
      [V2.header('a'), V2.event('a')],
      [V2.header('a', 2), V2.event('a'), V2.end('a')],
    ]
    expect(storyOf(files).story).toEqual(['a+', 'a', 'a', 'a- aborted', 'end'])
  })

  it('takes the same id in another file for another session', () => {
    const file = [V2.header('a'), V2.event('a')]
    expect(storyOf([file, file]).story).toEqual(['a+', 'a', 'a- null', 'a+', 'a', 'end', 'a- null'])
  })

  it('closes the one that was silent for longest when too many are open, and counts what it missed', () => {
    const lines = [
      V2.header('a'),
      V2.header('b'),
      V2.event('a'),
      V2.header('c'),
      V2.event('b'),
      V2.event('a'),
    ]
    expect(storyOf([lines], 2)).toEqual({
      story: ['a+', 'b+', 'a', 'c+', 'b- null', 'a', 'end', 'c- null', 'a- null'],
      count: 3,
      lateEvents: 1,
    })
  })
})
