import { allDialects } from '@agent-stream/protocol/dialects'
import { agentStreamDriver, type HostileDriver } from '@agent-stream/test-harness/hostile'

import { agUi } from './ag-ui.ts'
import { aiSdk } from './ai-sdk.ts'
import { original } from './original.ts'
import { tanStack } from './tanstack.ts'

/** All that are compared: this project's client in each dialect, then the others. `originalFile` adds the original. */
export async function hostileDrivers(originalFile: string | undefined): Promise<HostileDriver[]> {
  return [
    agentStreamDriver('agent-stream'),
    agentStreamDriver('ai-sdk-ui', { dialects: allDialects }),
    agentStreamDriver('ag-ui', { dialects: allDialects }),
    aiSdk,
    tanStack,
    agUi,
    ...(originalFile === undefined ? [] : [await original(originalFile)]),
  ]
}
