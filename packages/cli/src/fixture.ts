import { endLine, eventLine, headerLine, type RecordedSession } from '@agent-stream/protocol'
import { createEventScrubber, createScrubber } from '@agent-stream/protocol/scrub'

/** The session as a recording of its own; without the secrets that are known by their form, if `isScrubbed`. */
export function fixtureText(session: RecordedSession, isScrubbed: boolean): string {
  const { id, startedAt, events, end, metadata } = isScrubbed ? scrubbed(session) : session
  const lastT = events.reduce((last, { t }) => Math.max(last, t), 0)
  const lines = [
    headerLine({ session: id, startedAt, metadata }),
    ...events.map((event) => eventLine({ ...event, sid: id })),
    ...(end ? [endLine(lastT, id, end)] : []),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** The test that the session ends as it should. */
export function fixtureTest(fileName: string, { id, startedAt }: RecordedSession): string {
  const recorded = startedAt ? `, recorded ${startedAt}` : ''
  return `import { describeRecordings } from '@agent-stream/test-harness/vitest'

// Session ${oneLine(id)}${oneLine(recorded)}. Written by \`agent-stream gen\`.
describeRecordings('${fileName}', { cwd: import.meta.dirname })
`
}

/** A file name that any system takes, whatever the id holds. */
export function fixtureName(id: string): string {
  const name = id.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 80)
  return /^-?$/.test(name) ? 'session' : name
}

function scrubbed(session: RecordedSession): RecordedSession {
  const scrubber = createScrubber()
  const events: RecordedSession['events'][number][] = []
  const eventScrubber = createEventScrubber<RecordedSession['events'][number]>(scrubber, (data, event) =>
    events.push({ ...event, data }),
  )
  for (const event of session.events) eventScrubber.push(event.event, event.data, event)
  eventScrubber.end()
  return { ...session, events, metadata: scrubber.json(session.metadata) as RecordedSession['metadata'] }
}

const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ')
