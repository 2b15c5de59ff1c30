/** Times the command beside grep and jq, on a corpus of `main.ts`: `pnpm run corpus:measure corpus.jsonl`. Linux only. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const [file = 'corpus.jsonl'] = process.argv.slice(2)
const main = new URL('../../dist/main.js', import.meta.url).pathname
const command = (...args: string[]) => [process.execPath, main, ...args]

const CONTENDERS: Readonly<Record<string, readonly string[]>> = {
  grep: ['grep', '-c', '"event": "error"', file],
  jq: ['jq', '-c', 'select(.event == "error")', file],
  stats: command('stats', file),
  query: command('query', file, '--where', 'error_type = rate_limit'),
}

const POLL_MS = 20

/** Seconds until the end, and the most memory that the process had at once. */
async function measure([program = '', ...args]: readonly string[]): Promise<{
  seconds: number
  peakMb: number
}> {
  const startedAt = performance.now()
  // Not into /dev/null: grep notices, and stops at the first match.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  let peakKb = 0
  const timer = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(child.pid))
  }, POLL_MS)
  await new Promise((resolve) => child.once('close', resolve))
  clearInterval(timer)
  return { seconds: (performance.now() - startedAt) / 1000, peakMb: peakKb / 1024 }
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    // It ended between two looks.
    return 0
  }
}

for (const [name, contender] of Object.entries(CONTENDERS)) {
  const { seconds, peakMb } = await measure(contender)
  console.log(`${name.padEnd(6)} ${seconds.toFixed(1).padStart(6)} s ${peakMb.toFixed(0).padStart(5)} MB`)
}
