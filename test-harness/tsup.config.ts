import { packageBuild } from '../tsup.base.ts'

export default packageBuild('src/index.ts', 'src/expected.ts', 'src/vitest.ts', 'src/hostile/index.ts')
