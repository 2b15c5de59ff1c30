/** How the recording goes. Nothing of it touches a stream. */
export interface RecordingStatus {
  readonly isOn: boolean
  /** What is wrong now, a sentence each; empty when all is well. */
  readonly problems: readonly string[]
  readonly cassettes: { readonly written: number; readonly failed: number; readonly dropped: number }
  readonly sessions: { readonly events: number; readonly dropped: number; readonly errors: number }
  /** What waits for the disk, in bytes. */
  readonly waitingBytes: number
}

export const NOT_RECORDING: RecordingStatus = {
  isOn: false,
  problems: [],
  cassettes: { written: 0, failed: 0, dropped: 0 },
  sessions: { events: 0, dropped: 0, errors: 0 },
  waitingBytes: 0,
}
