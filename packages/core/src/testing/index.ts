export { cutAt, rechunk } from './chunks.ts'
export {
  type BodyEnd,
  type BodyStep,
  type RecordedRequest,
  type ScriptedFetch,
  type ScriptedResponse,
  scriptedFetch,
} from './scripted-fetch.ts'
export { SimulatedClock, settle } from './simulated-clock.ts'
