import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseRecording } from '@agent-stream/protocol'

export interface KilledRecorder {
  readonly sessions: number
  /** Events that had passed, and those of them that are not in the file. */
  readonly passed: number
  readonly missing: number
  /** How long before the last sign of life the oldest of the missing ones had passed, in milliseconds. */
  readonly lostMs: number
  readonly tornLines: number
  /** What must not be: another session's event, a hole, a line that cannot be read. */
  readonly problems: readonly string[]
}

const PROCESS = fileURLToPath(new URL('recorded-process.ts', import.meta.url))

/** Kills a process that records, after it said so many lines, and looks at its file. */
export async function killedRecorder(sessions: number, lines: number): Promise<KilledRecorder> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-recorder-'))
  const path = join(folder, 'runs.jsonl')
  try {
    const passed = await passedUntilKilled([path, String(sessions)], lines)
    return compare(passed, readFileSync(path, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By session, when each of its events passed. */
type Passed = Map<number, number[]>

async function passedUntilKilled(args: readonly string[], lines: number): Promise<Passed> {
  const child = spawn(process.execPath, ['--conditions=agent-stream-source', PROCESS, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const passed: Passed = new Map()
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [session = 0, n = 0, atMs = 0] = line.split(' ').map(Number)
    const times = passed.get(session) ?? []
    passed.set(session, times)
    times[n - 1] = atMs
    if (++said === lines) child.kill('SIGKILL')
  }
  const [code] = await exited
  if (code !== null) throw new Error(`The recorder ended by itself, with code ${code}`)
  return passed
}

function compare(passed: Passed, text: string): KilledRecorder {
  const recording = parseRecording(text)
  const torn = recording.problems.filter(({ code }) => code === 'torn_line')
  const problems = recording.problems.filter(({ code }) => code !== 'torn_line').map(({ message }) => message)
  const found = new Map<number, number>()
  for (const { metadata, events } of recording.sessions) {
    const i = metadata.i as number
    if (found.has(i)) problems.push(`session ${i} is there twice`)
    found.set(i, events.length)
    for (const [k, { data }] of events.entries()) {
      const { text } = data as { text: string }
      if (text !== `${i} ${k + 1} `) problems.push(`session ${i} has "${text}" as its event ${k + 1}`)
    }
  }
  const lastSignMs = Math.max(...[...passed.values()].map((times) => times.at(-1) ?? 0))
  const all = [...passed].flatMap(([i, times]) =>
    times.map((atMs, k) => ({ atMs, isLost: k >= (found.get(i) ?? 0) })),
  )
  const missing = all.filter(({ isLost }) => isLost)
  return {
    sessions: found.size,
    passed: all.length,
    missing: missing.length,
    lostMs: missing.reduce((most, { atMs }) => Math.max(most, lastSignMs - atMs), 0),
    tornLines: torn.length,
    problems,
  }
}
