// An API in a process of its own: `paced-api.ts`. `POST /?messages=200&gapMs=20&spread=0.5`: a stream whose messages carry
// the moment at which each was sent. `gapMs` may be a list, taken in turn; a gap is longer or shorter by up to its `spread`.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const WORD = 'a few words of an answer '

createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const messages = Number(query.get('messages') ?? 200)
  const gapsMs = (query.get('gapMs') ?? '20').split(',').map(Number)
  const spread = Number(query.get('spread') ?? 0)
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const id = `chatcmpl-${randomUUID()}`
  let sent = 0
  const send = () => {
    const delta = { content: WORD, sent_ns: String(process.hrtime.bigint()) }
    const isLast = ++sent === messages
    const choices = [{ index: 0, delta, finish_reason: isLast ? 'stop' : null }]
    const chunk = { id, object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench', choices }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    if (!isLast && !response.destroyed) setTimeout(send, gapMs(sent))
    else response.end('data: [DONE]\n\n')
  }
  // As those of models, streams are not in step with each other.
  const gapMs = (message: number) =>
    (gapsMs[message % gapsMs.length] as number) * (1 - spread + 2 * spread * Math.random())
  setTimeout(send, gapMs(0))
}).listen(0, '127.0.0.1', function listening(this: { address(): unknown }) {
  process.stdout.write(`${(this.address() as AddressInfo).port}\n`)
})
