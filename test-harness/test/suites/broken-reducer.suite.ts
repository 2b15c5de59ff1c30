import { describeRecordings } from '../../src/vitest.ts'
import { brokenReducer } from '../fixtures/reducers.ts'

describeRecordings('parallel-tools.jsonl', {
  cwd: `${import.meta.dirname}/../recordings`,
  reducer: brokenReducer,
})
