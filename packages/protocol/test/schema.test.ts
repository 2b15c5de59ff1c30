import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type AgentEventType,
  encodePayload,
  endLine,
  eventLine,
  headerLine,
  withChecksum,
} from '../src/index.ts'
import { type Field, SHAPES, type Shape } from '../src/shape.ts'
import { anyEvent, EVENT_TYPES, fullEvent } from './arbitrary.ts'
import { compileSchema, type JsonSchema, readSchema, schemaErrors } from './schema.ts'
import { specText, vectorFiles } from './spec.ts'

const definitions = readSchema('events').$defs ?? {}

const PROBES = ['text', 'running', 'done', 'error', 'approval', 'choice', 3, 0.5, true, null, [], {}]

/** The field in words that both the shape table and a schema can be put into. */
interface FieldFacts {
  readonly isRequired: boolean
  readonly fallback: unknown
  /** Those of the probes that are of its kind. */
  readonly accepted: readonly unknown[]
  readonly inside: Readonly<Record<string, FieldFacts>> | undefined
}

function factsOfShape(shape: Shape): Record<string, FieldFacts> {
  const facts = ({ read, isRequired = false, fallback, shape: inside }: Field): FieldFacts => ({
    isRequired,
    fallback,
    accepted: PROBES.filter((probe) => read(probe) !== undefined || (probe === null && fallback === null)),
    inside: inside && factsOfShape(inside),
  })
  return Object.fromEntries(shape.map((field) => [field.wireKey, facts(field)]))
}

function factsOfSchema({ properties = {}, required = [] }: JsonSchema): Record<string, FieldFacts> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => {
      // What a sender must keep to beyond the kind (patterns, ranges) is left out: readers are lenient.
      const { type, enum: words, const: word } = schema
      const kind = {
        ...(type && { type }),
        ...(words && { enum: words }),
        ...(word !== undefined && { const: word }),
      }
      const isKind = compileSchema(kind)
      const inside = schema.items ?? (schema.properties && schema)
      return [
        key,
        {
          isRequired: required.includes(key),
          fallback: schema.default,
          accepted: PROBES.filter((probe) => isKind(probe)),
          inside: inside && factsOfSchema(inside),
        },
      ]
    }),
  )
}

describe('spec/schemas/events.schema.json', () => {
  it('defines exactly the events that the shape table knows', () => {
    expect(Object.keys(definitions)).toEqual([...SHAPES.keys()])
    expect([...EVENT_TYPES].sort()).toEqual([...SHAPES.keys()].sort())
  })

  it.each(EVENT_TYPES)('%s has the same fields, kinds, defaults and required flags in both', (type) => {
    expect(factsOfShape(SHAPES.get(type) as Shape)).toEqual(factsOfSchema(definitions[type] as JsonSchema))
  })

  it.each(EVENT_TYPES)('%s with every field that its type has carries every field of the schema', (type) => {
    const payload = encodePayload(fullEvent(type))
    expect(Object.keys(payload).sort()).toEqual(Object.keys(definitions[type]?.properties ?? {}).sort())
  })

  it('accepts every event that is encoded', () => {
    fc.assert(
      fc.property(anyEvent(), (event) => {
        expect(schemaErrors('events', { event: event.type, data: encodePayload(event) })).toEqual([])
      }),
    )
  })

  it('accepts every payload of the event vectors', () => {
    for (const [, { cases }] of vectorFiles<{ event?: AgentEventType; payload?: unknown }>('events')) {
      for (const { event, payload } of cases) {
        if (event !== undefined) expect(schemaErrors('events', { event, data: payload })).toEqual([])
      }
    }
  })

  it('refuses an unknown event and a payload without what is required', () => {
    expect(schemaErrors('events', { event: 'ping', data: {} })).not.toEqual([])
    expect(schemaErrors('events', { event: 'token', data: {} })).not.toEqual([])
  })

  it('accepts the examples of the protocol text, one for each event', () => {
    const examples = [...specText('protocol.md').matchAll(/^event: (\S+)\ndata: (.+)$/gm)]
    const names = new Set(examples.map(([, event]) => event))
    expect(EVENT_TYPES.filter((type) => !names.has(type))).toEqual([])
    for (const [, event, data] of examples) {
      expect(schemaErrors('events', { event, data: JSON.parse(data as string) })).toEqual([])
    }
  })
})

describe('spec/schemas/recording-line.schema.json', () => {
  const errorsOf = (line: string) => schemaErrors('recording-line', JSON.parse(line))

  it('accepts the lines that are written', () => {
    const header = headerLine({
      session: 's',
      startedAt: '2026-01-02T03:04:05Z',
      metadata: { part: 2, a: 1 },
    })
    const event = eventLine({ t: 0.1, event: 'token', data: { text: 'a' }, sid: 's', seq: 1 })
    for (const line of [header, event, endLine(0.2, 's', 'aborted')]) {
      expect(errorsOf(line)).toEqual([])
      expect(errorsOf(withChecksum(line))).toEqual([])
    }
  })

  it('accepts the lines of the original recorder', () => {
    const lines = specText('vectors/recordings/python-two-sessions.jsonl').trim().split('\n')
    for (const line of lines) expect(errorsOf(line)).toEqual([])
  })

  it('accepts the lines of the protocol text', () => {
    const lines = specText('protocol.md').match(/^\{"(session|t)": .+\}$/gm) ?? []
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(errorsOf(line)).toEqual([])
  })

  it('refuses foreign lines', () => {
    for (const line of ['{}', '[]', '{"t": "0", "event": "token", "data": {}}', '{"session": 1, "t": 0}']) {
      expect(errorsOf(line)).not.toEqual([])
    }
  })
})
