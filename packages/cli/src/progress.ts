import type { Terminal } from './terminal.ts'

/** Shows on stderr how far long work is. */
export interface Progress {
  /** `doneBytes` of the total are read; `note` says what was found so far. */
  update(doneBytes: number, note: () => string): void
  clear(): void
}

const REDRAW_MS = 100
const BAR_CHARS = 24

/** `now`: milliseconds. A total of 0 is one that is not known: then there is no bar. */
export function createProgress(
  terminal: Pick<Terminal, 'draw'>,
  totalBytes: number,
  now: () => number = () => performance.now(),
): Progress {
  const startedAt = now()
  let drawnAt = startedAt
  return {
    update(doneBytes, note) {
      const at = now()
      if (at - drawnAt < REDRAW_MS) return
      drawnAt = at
      terminal.draw(progressLine(doneBytes, totalBytes, (at - startedAt) / 1000, note()))
    },
    clear: () => terminal.draw(''),
  }
}

export function progressLine(
  doneBytes: number,
  totalBytes: number,
  elapsedSeconds: number,
  note: string,
): string {
  const mb = `${Math.round(doneBytes / 1e6)} MB`
  const speed = `${Math.round(doneBytes / 1e6 / Math.max(elapsedSeconds, 0.001))} MB/s`
  if (totalBytes === 0) return `${mb}  ${speed}  ${note}`
  const share = Math.min(1, doneBytes / totalBytes)
  return `${shareBar(share)}  ${mb}  ${speed}  ${leftText(share, elapsedSeconds)}  ${note}`
}

/** How far work is that is counted in pieces. */
export function stepLine(done: number, total: number, elapsedSeconds: number, note: string): string {
  const share = total === 0 ? 1 : done / total
  return `${shareBar(share)}  ${done} of ${total}  ${leftText(share, elapsedSeconds)}  ${note}`
}

function shareBar(share: number): string {
  const bar = '█'.repeat(Math.round(share * BAR_CHARS)).padEnd(BAR_CHARS, '░')
  return `${bar} ${Math.floor(share * 100)} %`
}

function leftText(share: number, elapsedSeconds: number): string {
  const leftSeconds = Math.ceil(elapsedSeconds / share - elapsedSeconds)
  return Number.isFinite(leftSeconds) ? `${leftSeconds} s left` : ''
}
