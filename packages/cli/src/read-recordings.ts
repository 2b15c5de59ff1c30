import { createProblemReport } from './problem-report.ts'
import { createProgress } from './progress.ts'
import { type RecordingFile, recordingFiles, STDIN } from './recording-files.ts'
import { type RecordingItem, readRecording } from './recording-items.ts'
import { reasonOf } from './system-error.ts'
import type { Terminal } from './terminal.ts'

/** Items of one file, in the order of its lines. */
export interface FileBatch {
  readonly file: string
  readonly items: readonly RecordingItem[]
  /** Nothing more comes of this file. */
  readonly isLast: boolean
}

export interface Reading {
  /** Files one after the other. What cannot be read is told on stderr, and the rest still comes. */
  readonly batches: AsyncIterable<FileBatch>
  /** Whether something could not be read, or was passed over. */
  hasFailed(): boolean
}

/** `note`: what the progress line says has been found so far. */
export function readRecordings(
  paths: readonly string[],
  terminal: Terminal,
  note: () => string = () => '',
): Reading {
  let hasFailed = false

  function fail(message: string): void {
    hasFailed = true
    terminal.warn(message)
  }

  async function* readFile({ path }: RecordingFile, onBytes: (count: number) => void) {
    const report = createProblemReport()
    let hasSessions = false
    try {
      for await (const { items, sizeBytes } of readRecording(path)) {
        for (const item of items) {
          if (item.type === 'problem') report.add(item.problem)
          else hasSessions = true
        }
        onBytes(sizeBytes)
        yield { file: path, items, isLast: false }
      }
      for (const message of report.messages(hasSessions)) fail(`${nameOf(path)}: ${message}`)
    } catch (error) {
      fail(`${nameOf(path)}: ${reasonOf(error)}`)
    }
    yield { file: path, items: [], isLast: true }
  }

  async function* readAll() {
    const files = await recordingFiles(paths, fail)
    const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const progress = createProgress(terminal, totalBytes)
    let doneBytes = 0
    try {
      for (const file of files) {
        yield* readFile(file, (count) => {
          doneBytes += count
          progress.update(doneBytes, note)
        })
      }
    } finally {
      progress.clear()
    }
  }

  return { batches: readAll(), hasFailed: () => hasFailed }
}

const nameOf = (path: string): string => (path === STDIN ? 'stdin' : path)
