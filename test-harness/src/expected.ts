// The files beside recordings that say how their sessions end, for whoever runs recordings without Vitest.
export { differences } from './difference.ts'
export { endStateOf, expectedFileOf, expectedState, type UpdateMode } from './expected-state.ts'
