export { createPartialJson, type PartialJson, type PartialJsonOptions } from './partial-json-reader.ts'
export { createToolInputs, type ToolInput } from './tool-inputs.ts'
