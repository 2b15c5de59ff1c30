import type { CallReport } from '../observe/call-report.ts'

/** A call in one line of a log, without secrets. */
export function callLine(report: CallReport, format: 'text' | 'json'): string {
  return format === 'json' ? jsonLine(report) : textLine(report)
}

/** Gaps by their middle: each would fill the line. */
function jsonLine({ gapsMs, excerpt: _, ...report }: CallReport): string {
  const sorted = [...gapsMs].sort((a, b) => a - b)
  return JSON.stringify({ ...report, gapMs: sorted[sorted.length >> 1] })
}

function textLine(report: CallReport): string {
  const { startedAt, target, method, path, status, outcome, errorType, durationMs, ttftMs } = report
  const { requestModel, tokensPerSecond, usage, costUsd, upstream, downstream, recording } = report
  const parts: (string | false | undefined)[] = [
    startedAt,
    target,
    `${method} ${path.replace(/\?.*$/s, '')}`,
    status === undefined ? '-' : String(status),
    outcome,
    errorType !== undefined && `error=${errorType}`,
    requestModel !== undefined && `model=${requestModel}`,
    `duration=${Math.round(durationMs)}ms`,
    ttftMs !== undefined && `ttft=${Math.round(ttftMs)}ms`,
    usage?.output !== undefined && `output=${usage.output}`,
    tokensPerSecond !== undefined && `speed=${tokensPerSecond.toFixed(1)}/s`,
    costUsd !== undefined && `cost=$${costUsd.toFixed(6)}`,
    upstream && /^(?:buffered|blocks)$/.test(upstream.buffering) && `upstream=${upstream.buffering}`,
    downstream && 'downstream=buffered?',
    recording !== 'on' && `recording=${recording}`,
  ]
  return parts
    .filter((part) => typeof part === 'string')
    .map(oneWord)
    .join(' ')
}

/** What comes from a request breaks no line. */
function oneWord(part: string): string {
  return part.replace(/[^\x21-\x7e]+/g, (text) => (text === ' ' ? ' ' : '?'))
}
