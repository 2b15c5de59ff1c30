import { expect, it } from 'vitest'

import { createRecentEvents } from '../../src/log/recent-events.ts'
import { events } from './contract/store-under-test.ts'

/** Of 20 characters each, with what an event costs besides. */
const EVENT_CHARS = 100 + (events(10, 10)[0]?.data.length ?? 0)

it('has the newest events of a run, and none of those before', () => {
  const recent = createRecentEvents({ maxRunChars: 10 * EVENT_CHARS, maxChars: 1e6 })
  for (let seq = 11; seq <= 20; seq++) recent.push('a', events(seq, seq))
  expect(recent.page('a', 10)).toEqual(events(11, 20))
  expect(recent.page('a', 15, 2)).toEqual(events(16, 17))
  expect(recent.page('a', 9)).toBeUndefined()
  recent.push('a', events(21, 21))
  expect(recent.page('a', 15)).toBeUndefined()
  expect(recent.page('a', 16)).toEqual(events(17, 21))
  expect(recent.page('b', 0)).toBeUndefined()
})

it('begins anew where numbers jump', () => {
  const recent = createRecentEvents({ maxRunChars: 1e6, maxChars: 1e6 })
  recent.push('a', events(1, 3))
  recent.push('a', events(7, 8))
  expect(recent.page('a', 2)).toBeUndefined()
  expect(recent.page('a', 6)).toEqual(events(7, 8))
})

it('gives up the run that was written to longest ago', () => {
  const recent = createRecentEvents({ maxRunChars: 1e6, maxChars: 5 * EVENT_CHARS })
  recent.push('a', events(10, 11))
  recent.push('b', events(10, 11))
  recent.push('a', events(12, 12))
  recent.push('c', events(10, 10))
  expect(recent.page('b', 9)).toBeUndefined()
  expect(recent.page('a', 9)).toEqual(events(10, 12))
  recent.drop('a')
  recent.push('b', events(12, 15))
  expect(recent.page('c', 9)).toEqual(events(10, 10))
  expect(recent.page('a', 11)).toBeUndefined()
})

it('does not keep what is larger than all that may be kept', () => {
  const recent = createRecentEvents({ maxRunChars: 100, maxChars: 200 })
  recent.push('a', events(1, 50))
  expect(recent.page('a', 0)).toBeUndefined()
  recent.push('a', events(51, 51))
  expect(recent.page('a', 49)).toBeUndefined()
})
