/** What was asked of a run: stored beside its log under these names, where its owner finds it. */
export const CANCEL = 'cancel'
/** Ids from outside are part of the names. */
export const MAX_ID_CHARS = 512
/** A run keeps no more of them: its owner looks through all at each poll. */
export const MAX_INTENTS = 1000

const CANCEL_TOOL = 'cancel-tool:'
const INPUT = 'input:'

export const cancelToolIntent = (toolUseId: string): string => CANCEL_TOOL + toolUseId
export const inputIntent = (inputId: string): string => INPUT + inputId

export type Intent =
  | { readonly type: 'cancel' }
  | { readonly type: 'cancelTool'; readonly toolUseId: string }
  | { readonly type: 'input'; readonly inputId: string; readonly settlement: Settlement }

/** How a question ended. The first one stored is the one that counts. */
export type Settlement = { readonly answer: unknown } | { readonly isExpired: true }

export function encodeSettlement(settlement: Settlement): string {
  return JSON.stringify(settlement)
}

/** Trusts what this package wrote. */
export function decodeSettlement(value: string): Settlement {
  return JSON.parse(value) as Settlement
}

export function readIntent(name: string, value: string): Intent | undefined {
  if (name === CANCEL) return { type: 'cancel' }
  if (name.startsWith(CANCEL_TOOL)) return { type: 'cancelTool', toolUseId: name.slice(CANCEL_TOOL.length) }
  if (name.startsWith(INPUT)) {
    return { type: 'input', inputId: name.slice(INPUT.length), settlement: decodeSettlement(value) }
  }
  return undefined
}
