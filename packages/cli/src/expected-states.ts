// What the harness's Vitest entry writes beside recordings, and holds runs against: the same files, without Vitest.
export { differences } from '../../../test-harness/src/difference.ts'
export {
  endStateOf,
  expectedFileOf,
  expectedState,
  type UpdateMode,
} from '../../../test-harness/src/expected-state.ts'
