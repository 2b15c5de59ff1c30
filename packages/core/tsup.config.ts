import { packageBuild } from '../../tsup.base.ts'

export default packageBuild('src/index.ts', 'src/storage.ts', 'src/chat-transport.ts', 'src/testing/index.ts')
