export {
  appliesTo,
  type Expectation,
  type ExpectedTool,
  expectationsOf,
  type HostileCase,
  type HostileDialect,
  type HostileGroup,
  type HostileResponse,
  type HostileStep,
  hostileGroups,
  type ShownOutcome,
} from './case.ts'
export { agentStreamDriver } from './client-driver.ts'
export type { HostileDriver, Observed, Shown, ShownTool } from './driver.ts'
export { judge } from './judge.ts'
export { type HostileResult, runHostileCase } from './run-case.ts'
