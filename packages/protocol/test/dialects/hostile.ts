import fc from 'fast-check'

import { anyJson } from '../arbitrary.ts'
import type { RawMessage } from './streams.ts'

type Message = Pick<RawMessage, 'event' | 'data'>

/** An object that JSON can spell and no string or number can be made of. */
const UNPRINTABLE = { toString: 1, valueOf: 1 }

const odd = fc.oneof(
  anyJson,
  fc.constantFrom<unknown>(
    '',
    0,
    -1,
    1e300,
    null,
    true,
    [],
    {},
    [[]],
    [{}],
    [null],
    'x',
    2 ** 53,
    '__proto__',
  ),
  fc.constantFrom<unknown>({ type: 'error' }, UNPRINTABLE, [UNPRINTABLE], { type: UNPRINTABLE }),
)

/** The messages as a broken proxy, server or enemy sends them: lost, doubled, swapped, of wrong types, or garbage. */
export function hostileMessages(messages: readonly RawMessage[]): fc.Arbitrary<readonly Message[]> {
  const place = fc.nat({ max: Math.max(0, messages.length - 1) })
  const change = fc.oneof(
    place.map((at) => (list: Message[]) => list.splice(at, 1)),
    place.map((at) => (list: Message[]) => list.splice(at, 0, list[at] ?? { data: '' })),
    fc.tuple(place, place).map(([a, b]) => (list: Message[]) => {
      const [first, second] = [list[a], list[b]]
      if (first && second) Object.assign(list, { [a]: second, [b]: first })
    }),
    fc.tuple(place, fc.nat(), odd).map(([at, field, value]) => (list: Message[]) => {
      const message = list[at]
      if (message) list[at] = { ...message, data: withField(message.data, field, value) }
    }),
    fc
      .tuple(
        place,
        fc.oneof(
          odd.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
      )
      .map(([at, data]) => (list: Message[]) => {
        list.splice(at, 0, { data: data.replaceAll(/[\r\n]/g, ' ') })
      }),
  )
  return fc.array(change, { minLength: 1, maxLength: 12 }).map((changes) => {
    const list: Message[] = messages.map(({ event, data }) => ({
      ...(event !== undefined && { event }),
      data,
    }))
    for (const apply of changes) apply(list)
    return list
  })
}

/** JSON text in which one field, counted through all levels, has another value. */
function withField(data: string, field: number, value: unknown): string {
  let payload: unknown
  try {
    payload = JSON.parse(data)
  } catch {
    return data
  }
  const places: (readonly [holder: Record<string, unknown>, key: string])[] = []
  const visit = (holder: unknown) => {
    if (typeof holder !== 'object' || holder === null) return
    for (const [key, inner] of Object.entries(holder)) {
      places.push([holder as Record<string, unknown>, key])
      visit(inner)
    }
  }
  visit(payload)
  const place = places[field % Math.max(1, places.length)]
  if (place) place[0][place[1]] = value
  return JSON.stringify(payload)
}
