/**
 * `npm run bench`: what the client costs beside the least that any client of this wire can do, and beside other
 * published clients that read the same run in their own dialects.
 */
import { parseArgs } from 'node:util'

import { client, clientInput, limit, limitInput } from './contestants.ts'
import { measure } from './measure.ts'
import { chatAiSdk, chatClient, chatLimit, deepSeek } from './model-stream.ts'
import { agUi, agUiStream, aiSdk, aiSdkInput, aiSdkStream } from './peers.ts'
import { agentStream, type RunEvent, tokens, toolInput, tools } from './streams.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds is "${values.rounds}"; give a whole number from 1 on`)
  process.exit(2)
}

const COLUMNS = ['limit', 'client', '×', 'ai', '×', '@ag-ui', '×']
const figures = (...numbers: (number | string)[]) =>
  numbers.map((n) => (typeof n === 'number' ? n.toFixed(n < 10 ? 3 : 1) : n).padStart(8)).join(' ')

async function row(name: string, events: readonly RunEvent[], perChunk: number, hasPeers = false) {
  const stream = agentStream(name, events, perChunk)
  const own = await measure({ limit: { read: limit, stream }, client: { read: client, stream } }, rounds)
  const ratio = (time: number) => (time / own.limit).toFixed(2)
  const peers =
    hasPeers &&
    (await measure(
      {
        ai: { read: aiSdk, stream: aiSdkStream(name, events, perChunk) },
        agUi: { read: agUi, stream: agUiStream(name, events, perChunk) },
      },
      // They take seconds where the client takes milliseconds.
      Math.min(rounds, 3),
    ))
  const theirs = peers ? [peers.ai, ratio(peers.ai), peers.agUi, ratio(peers.agUi)] : []
  console.log(`${name.padEnd(34)} ${figures(own.limit, own.client, ratio(own.client), ...theirs)}`)
  return { ours: own.client, totalMs: (own.client * events.length) / 1000 }
}

/** Streamed arguments of one tool, read as far as they have come whenever the client shows something new. */
async function inputRow(kilobytes: number, hasPeer = false) {
  const events = toolInput(kilobytes)
  const name = `${kilobytes.toLocaleString('en')} KB of arguments, 32 a chunk`
  const stream = agentStream(name, events, 32)
  const own = await measure(
    { limit: { read: limitInput, stream }, client: { read: clientInput, stream } },
    Math.min(rounds, 5),
  )
  const ratio = (time: number) => (time / own.limit).toFixed(2)
  const peer =
    hasPeer && (await measure({ ai: { read: aiSdkInput, stream: aiSdkStream(name, events, 32) } }, 1))
  const theirs = peer ? [peer.ai, ratio(peer.ai)] : []
  console.log(`${name.padEnd(34)} ${figures(own.limit, own.client, ratio(own.client), ...theirs)}`)
  return { ours: own.client * events.length, theirs: (peer ? peer.ai : Number.NaN) * events.length }
}

/** A recorded stream of a model, `times` over. */
async function modelRow(times: number, perChunk: number, hasPeer = false) {
  const stream = deepSeek(times, perChunk)
  const own = await measure(
    { limit: { read: chatLimit, stream }, client: { read: chatClient, stream } },
    Math.min(rounds, 7),
  )
  const ratio = (time: number) => (time / own.limit).toFixed(2)
  const peer = hasPeer && (await measure({ ai: { read: chatAiSdk, stream } }, Math.min(rounds, 3)))
  const theirs = peer ? [peer.ai, ratio(peer.ai)] : []
  console.log(`${stream.name.padEnd(34)} ${figures(own.limit, own.client, ratio(own.client), ...theirs)}`)
  return own.client * stream.events
}

console.log(`Node ${process.version}, medians of ${rounds} interleaved rounds (3 for peers), µs per event\n`)
console.log(`${'run'.padEnd(34)} ${figures(...COLUMNS)}`)
const single = await row('40,000 tokens, 32 a chunk', tokens(40_000), 32)
const fourfold = await row('160,000 tokens, 32 a chunk', tokens(160_000), 32)
await row('4,000 tokens, 32 a chunk', tokens(4000), 32, true)
await row('4,000 tokens, 1 a chunk', tokens(4000), 1, true)
const few = await row('40 tools of 3 KB, 32 a chunk', tools(40), 32, true)
const many = await row('400 tools of 3 KB, 32 a chunk', tools(400), 32)
await row('400 tools of 3 KB, 1 a chunk', tools(400), 1)
await row('2,000 tools of 3 KB, 32 a chunk', tools(2000), 32)
const small = await inputRow(32, true)
const twice = await inputRow(64, true)
const mega = await inputRow(1024)
const twoMega = await inputRow(2048)
const once = await modelRow(1, 1, true)
await modelRow(1, 32, true)
const doubled = await modelRow(2, 1)

console.log(`
2 × 1 MB of arguments: ${(twoMega.ours / mega.ours).toFixed(2)} × the time
2 × 32 KB of arguments: ${(twice.ours / small.ours).toFixed(2)} × the time, ai ${(twice.theirs / small.theirs).toFixed(2)} ×
2 × the DeepSeek stream: ${(doubled / once).toFixed(2)} × the time
4 × the tokens: ${(fourfold.totalMs / single.totalMs).toFixed(2)} × the time
400 tools: ${(many.ours / few.ours).toFixed(2)} × the cost per event of 40`)
