/**
 * Runs cases for one driver, from a number on, and sends what came of each to its parent: a case may end the process,
 * or hold it for ever.
 */
import {
  appliesTo,
  type HostileResult,
  hostileGroups,
  runHostileCase,
} from '@agent-stream/test-harness/hostile'

import { hostileDrivers } from './drivers.ts'

/** What the parent is told of a case: that it begins, or what came of it. */
export interface ChildMessage {
  readonly index: number
  readonly result?: HostileResult
}

const [driverIndex, firstCase, originalFile] = process.argv.slice(2)
const drivers = await hostileDrivers(originalFile || undefined)
const driver = drivers[Number(driverIndex)]
if (!driver) throw new TypeError(`child: there is no driver ${driverIndex}`)

const cases = hostileGroups.flatMap((group) => group.cases)
for (const [index, hostileCase] of cases.entries()) {
  if (index < Number(firstCase) || !appliesTo(hostileCase, driver.dialect)) continue
  process.send?.({ index } satisfies ChildMessage)
  // What the cases before have left behind is not this one's.
  globalThis.gc?.()
  process.send?.({ index, result: await runHostileCase(hostileCase, driver) } satisfies ChildMessage)
}
process.disconnect?.()
// A client may leave a timer behind that would keep the process.
process.exit()
