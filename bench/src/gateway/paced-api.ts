// An API in a process of its own: `paced-api.ts`. `GET /?messages=200&gapMs=20`: a stream whose messages carry the
// moment at which each was sent. `gapMs` may be a list, taken in turn.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const WORD = 'a few words of an answer '

createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const messages = Number(query.get('messages') ?? 200)
  const gapsMs = (query.get('gapMs') ?? '20').split(',').map(Number)
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const send = () => {
    const delta = { content: WORD, sent_ns: String(process.hrtime.bigint()) }
    const chunk = { object: 'chat.completion.chunk', model: 'bench', choices: [{ index: 0, delta }] }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    if (++sent < messages && !response.destroyed) setTimeout(send, gapsMs[sent % gapsMs.length])
    else response.end('data: [DONE]\n\n')
  }
  // Streams that begin together do not go on in step.
  setTimeout(send, Math.random() * (gapsMs[0] as number))
}).listen(0, '127.0.0.1', function listening(this: { address(): unknown }) {
  process.stdout.write(`${(this.address() as AddressInfo).port}\n`)
})
