/**
 * Records many sessions at a time into one file until it is killed: `node recorded-process.ts <path> <sessions>`. Says
 * on stdout, a line each, what has passed: `<session> <n> <at>`, at in milliseconds of the system's time.
 */
import { AgentStreamRecorder } from '../../../src/index.ts'

/** How often a hundredth of the sessions say something. */
const TICK_MS = 2
const SLICES = 20

const [path = '', count = ''] = process.argv.slice(2)
const recorder = new AgentStreamRecorder(path)

/** A stream that is fed from outside. */
function fedStream(i: number): { feed: () => void; stream: AsyncIterable<string> } {
  let wake: () => void = () => undefined
  let n = 0
  let said = 0
  async function* source(): AsyncGenerator<string> {
    for (;;) {
      while (said < n) yield `event: token\ndata: {"text": "${i} ${++said} "}\n\n`
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    feed() {
      n++
      wake()
    },
    stream: recorder.record(source(), { metadata: { i } }),
  }
}

let passed: string[] = []
async function read(i: number, stream: AsyncIterable<string>): Promise<void> {
  let n = 0
  for await (const _ of stream) passed.push(`${i} ${++n} ${Date.now()}\n`)
}

const streams = Array.from({ length: Number(count) }, (_, i) => fedStream(i))
for (const [i, { stream }] of streams.entries()) void read(i, stream)

let slice = 0
setInterval(() => {
  slice = (slice + 1) % SLICES
  for (let i = slice; i < streams.length; i += SLICES) streams[i]?.feed()
  // A pipe is written at once: what is said here has passed, whatever happens next.
  setImmediate(() => {
    process.stdout.write(passed.join(''))
    passed = []
  })
}, TICK_MS)
