import { allDialects } from '@agent-stream/protocol/dialects'
import { describe, expect, it } from 'vitest'

import {
  agentStreamDriver,
  appliesTo,
  type HostileDriver,
  hostileGroups,
  runHostileCase,
} from '../../src/hostile/index.ts'

const drivers: HostileDriver[] = [
  agentStreamDriver('agent-stream'),
  agentStreamDriver('ai-sdk-ui', { dialects: allDialects }),
  agentStreamDriver('ag-ui', { dialects: allDialects }),
  agentStreamDriver('openai-chat', { dialects: allDialects }),
  agentStreamDriver('openai-responses', { dialects: allDialects }),
  agentStreamDriver('anthropic-messages', { dialects: allDialects }),
]

/** The runner has limits of its own, which are the client's; a busy machine adds to them. */
const TIMEOUT_MS = 60_000

describe.each(drivers)('the client on hostile streams in $dialect', (driver) => {
  for (const { name, cases } of hostileGroups) {
    describe(name, () => {
      const applying = cases.filter((hostileCase) => appliesTo(hostileCase, driver.dialect))
      it.each(applying)(
        '$name',
        async (hostileCase) => {
          const { problems } = await runHostileCase(hostileCase, driver)
          expect(problems).toEqual([])
        },
        TIMEOUT_MS,
      )
    })
  }
})
