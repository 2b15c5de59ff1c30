import { packageBuild } from '../../tsup.base.ts'

export default packageBuild('src/index.ts', 'src/migration.ts', 'src/prices/index.ts')
