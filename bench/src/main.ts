/** `npm run bench`: what the client costs beside the least that any client of this wire can do. */
import { parseArgs } from 'node:util'

import { client, limit } from './contestants.ts'
import { measure } from './measure.ts'
import { type Stream, tokenStream, toolStream } from './streams.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds is "${values.rounds}"; give a whole number from 1 on`)
  process.exit(2)
}

const contestants = { limit, client }

async function row(stream: Stream) {
  const { limit: least, client: ours } = await measure(contestants, stream, rounds)
  console.log(
    `${stream.name.padEnd(34)} ${least.toFixed(3).padStart(8)} ${ours.toFixed(3).padStart(8)} ${(ours / least).toFixed(2).padStart(7)}`,
  )
  return { least, ours, totalMs: (ours * stream.events) / 1000 }
}

console.log(`Node ${process.version}, medians of ${rounds} interleaved rounds, µs per event\n`)
console.log(`${'stream'.padEnd(34)} ${'limit'.padStart(8)} ${'client'.padStart(8)} ${'×'.padStart(7)}`)
const tokens = await row(tokenStream(40_000, 32))
const fourfold = await row(tokenStream(160_000, 32))
await row(tokenStream(4000, 1))
await row(tokenStream(4000, 32))
const few = await row(toolStream(40, 32))
const many = await row(toolStream(400, 32))
await row(toolStream(2000, 32))
await row(toolStream(400, 1))

console.log(`
4 × the tokens: ${(fourfold.totalMs / tokens.totalMs).toFixed(2)} × the time
400 tools: ${(many.ours / few.ours).toFixed(2)} × the cost per event of 40`)
