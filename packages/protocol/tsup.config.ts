import { globSync } from 'node:fs'

import { packageBuild } from '../../tsup.base.ts'

// Each dialect is an entry of its own: nobody pays for one that is not used.
export default packageBuild(
  'src/index.ts',
  'src/buffering.ts',
  'src/scrub.ts',
  ...globSync('src/{json-patch,partial-json}.ts'),
  ...globSync('src/dialects/{index,ai-sdk-ui,ag-ui,openai-chat,openai-responses,anthropic-messages}.ts'),
)
