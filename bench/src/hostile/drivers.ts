import { allDialects } from '@agent-stream/protocol/dialects'
import { agentStreamDriver, type HostileDriver } from '@agent-stream/test-harness/hostile'

import { agUi } from './ag-ui.ts'
import { aiSdk } from './ai-sdk.ts'
import { original } from './original.ts'
import { tanStack } from './tanstack.ts'

const OTHER_WIRES = ['ai-sdk-ui', 'ag-ui', 'openai-chat', 'openai-responses', 'anthropic-messages'] as const

/** All that are compared: this project's client in each dialect, then the others. `originalFile` adds the original. */
export async function hostileDrivers(originalFile: string | undefined): Promise<HostileDriver[]> {
  return [
    agentStreamDriver('agent-stream'),
    ...OTHER_WIRES.map((dialect) => agentStreamDriver(dialect, { dialects: allDialects })),
    aiSdk,
    tanStack,
    agUi,
    ...(originalFile === undefined ? [] : [await original(originalFile)]),
  ]
}
