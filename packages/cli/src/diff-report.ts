import type { AlignedStep, StepChange } from './align-steps.ts'
import { countText, durationText } from './duration-text.ts'
import type { SessionDiff } from './session-diff.ts'
import type { SessionFigures } from './session-figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

const MARKS: Readonly<Record<StepChange, string>> = {
  same: ' ',
  changed: '~',
  moved: '>',
  removed: '-',
  added: '+',
}
const COLORS = { changed: 'yellow', moved: 'cyan', removed: 'red', added: 'green' } as const

/** Steps that are shown around each difference. */
const CONTEXT = 2
const MAX_CHARS = 60

/** Both runs as tables for a terminal: first what they came to, then the steps that differ, or all. */
export function diffReport(diff: SessionDiff, isAll: boolean, paint: Terminal['paint']): string {
  const figures = table(
    [{ title: '' }, { title: 'A', align: 'right' }, { title: 'B', align: 'right' }],
    figureRows(diff),
  )
  const shown = isAll ? diff.steps.map(() => true) : nearDifferences(diff.steps)
  const rows = diff.steps.filter((_, place) => shown[place])
  const steps = table(
    [
      { title: '' },
      { title: 'A', align: 'right' },
      { title: 'B', align: 'right' },
      { title: 'DELAY', align: 'right' },
      { title: 'STEP' },
    ],
    rows.map(stepCells),
  )
  const [head = '', ...lines] = steps.trimEnd().split('\n')
  const painted = lines.map((line, place) => paintLine(line, rows[place] as AlignedStep, paint))
  const hidden = diff.steps.length - rows.length
  return [
    figures,
    ...(rows.length > 0 ? [head, ...painted] : []),
    ...(hidden > 0
      ? [`${countText(hidden)} steps are the same${rows.length > 0 ? ', and not shown' : ''}`]
      : []),
    '',
  ].join('\n')
}

function figureRows({ a, b }: SessionDiff): string[][] {
  const row = (title: string, of: (figures: SessionFigures) => string) => [title, of(a), of(b)]
  return [
    row('outcome', ({ state }) => state.outcome ?? ''),
    row('duration', ({ durationMs }) => durationText(durationMs)),
    row('first token', ({ ttftMs }) => durationText(ttftMs)),
    row('text, characters', ({ state }) => countText(state.text.length)),
    row('events', ({ eventCount }) => countText(eventCount)),
    ...toolNames(a, b).map((name) =>
      row(`tool ${name}`, ({ tools }) => callsText(tools.filter((tool) => tool.name === name))),
    ),
  ]
}

function toolNames(...all: readonly SessionFigures[]): string[] {
  return [...new Set(all.flatMap(({ tools }) => tools.map(({ name }) => name)))]
}

/** `2 × 1.3 s` */
function callsText(calls: SessionFigures['tools']): string {
  if (calls.length === 0) return '-'
  const sum = calls.reduce((ms, { durationMs = 0 }) => ms + durationMs, 0)
  const failed = calls.filter(({ status }) => status !== 'done').map(({ status }) => status)
  return [`${calls.length} × ${durationText(Math.round(sum / calls.length))}`, ...failed].join(', ')
}

const isDifferent = ({ change, pace }: AlignedStep): boolean => change !== 'same' || pace !== undefined

function nearDifferences(steps: readonly AlignedStep[]): boolean[] {
  const shown = steps.map(() => false)
  for (const [place, step] of steps.entries())
    if (isDifferent(step)) shown.fill(true, Math.max(0, place - CONTEXT), place + CONTEXT + 1)
  return shown
}

function stepCells(row: AlignedStep): string[] {
  const { change, a, b, delayMs, pace } = row
  const time = (ms: number | undefined) => (ms === undefined ? '' : `${(ms / 1000).toFixed(3)}s`)
  const delay =
    pace && delayMs !== undefined ? `${delayMs > 0 ? '+' : '−'}${durationText(Math.abs(delayMs))}` : ''
  return [MARKS[change], time(a?.atMs), time(b?.atMs), delay, stepText(row)]
}

function stepText({ change, a, b }: AlignedStep): string {
  const step = b ?? a
  if (!step) return ''
  // What moved may have changed, too.
  const changed = change !== 'same' && a && b ? changeText(a.content, b.content) : ''
  if (changed) return `${step.key}  ${changed}`
  const { text } = step.content
  return typeof text === 'string' ? `${step.key}  ${excerpt(JSON.stringify(text))}` : step.key
}

/** `status "done" → "error"`, for the first three fields that differ. */
function changeText(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const changed = keys
    .map((key) => ({ key, was: JSON.stringify(a[key]) ?? 'absent', is: JSON.stringify(b[key]) ?? 'absent' }))
    .filter(({ was, is }) => was !== is)
  const said = changed.slice(0, 3).map(({ key, was, is }) => `${key} ${differenceText(was, is)}`)
  return [...said, ...(changed.length > 3 ? ['…'] : [])].join(', ')
}

/** Both from a little before where they part. */
function differenceText(was: string, is: string): string {
  let same = 0
  while (same < was.length && was[same] === is[same]) same++
  const from = Math.max(0, same - MAX_CHARS / 4)
  return `${excerpt(was, from)} → ${excerpt(is, from)}`
}

function excerpt(text: string, from = 0): string {
  const end = from + MAX_CHARS
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${end < text.length ? '…' : ''}`
}

function paintLine(line: string, { change, pace }: AlignedStep, paint: Terminal['paint']): string {
  if (change !== 'same') return paint(COLORS[change], line)
  return pace ? paint('bold', line) : line
}
