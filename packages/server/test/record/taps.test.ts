import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'

import { AgentStreamRecorder } from '../../src/index.ts'
import { temporaryFolder } from '../log/temporary-folder.ts'
import { linesOf } from './fake-disk.ts'

const token = (text: string) => `event: token\ndata: {"text": "${text}"}\n\n`
const encoder = new TextEncoder()

function start() {
  const path = join(temporaryFolder(), 'runs.jsonl')
  const recorder = new AgentStreamRecorder(path)
  const recorded = async () => {
    await recorder.close()
    return linesOf(readFileSync(path, 'utf8'))
      .filter(({ data }) => data !== undefined)
      .map(({ data }) => Object.values(data as object).join(' '))
  }
  return { recorder, recorded }
}

/** A server's address, until the test is finished. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  await once(server.listen(0), 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

describe('a web stream', () => {
  it('is read when it is read, chunk by chunk', async () => {
    const { recorder, recorded } = start()
    let pulls = 0
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (++pulls > 3) controller.close()
          else controller.enqueue(encoder.encode(token(String(pulls))))
        },
      },
      { highWaterMark: 0 },
    )
    const reader = recorder.record(source).getReader()
    await new Promise((resolve) => setImmediate(resolve))
    expect(pulls).toBe(0)
    const first = await reader.read()
    expect(new TextDecoder().decode(first.value)).toBe(token('1'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(pulls).toBe(1)
    while (!(await reader.read()).done);
    expect(await recorded()).toEqual(['1', '2', '3', 'complete'])
  })

  it('tells the source why its reader gave up', async () => {
    const { recorder, recorded } = start()
    let reason: unknown
    const source = new ReadableStream<string>({
      pull: (controller) => controller.enqueue(token('a')),
      cancel: (given) => {
        reason = given
      },
    })
    const reader = recorder.record(source).getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(reason).toBe('enough')
    expect(await recorded()).toEqual(['a', 'aborted'])
  })

  it('breaks with the error that the source broke with', async () => {
    const { recorder, recorded } = start()
    const failure = new Error('cut')
    let pulls = 0
    const source = new ReadableStream<string>({
      pull(controller) {
        if (++pulls === 1) controller.enqueue(token('a'))
        else controller.error(failure)
      },
    })
    const reader = recorder.record(source).getReader()
    await reader.read()
    await expect(reader.read()).rejects.toBe(failure)
    expect(await recorded()).toEqual(['a', 'error'])
  })
})

describe('a Response', () => {
  it('keeps its status, headers, address and bytes', async () => {
    const { recorder, recorded } = start()
    const baseUrl = await serve((_, answer) => {
      answer.writeHead(201, { 'content-type': 'text/event-stream', 'set-cookie': ['a=1', 'b=2'] })
      answer.end(token('a') + token('b'))
    })
    const response = recorder.record(await fetch(`${baseUrl}/x`))
    expect(response).toBeInstanceOf(Response)
    expect([response.status, response.statusText, response.url]).toEqual([201, 'Created', `${baseUrl}/x`])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toBe(token('a') + token('b'))
    expect(await recorded()).toEqual(['a', 'b', 'complete'])
  })

  it('without a body is handed on', () => {
    const empty = new Response(null, { status: 204 })
    expect(start().recorder.record(empty)).toBe(empty)
  })
})

describe("a Node server's response", () => {
  it('is recorded as it is written, in all that write and end take', async () => {
    const { recorder, recorded } = start()
    const baseUrl = await serve((_, answer) => {
      const same = recorder.record(answer)
      expect(same).toBe(answer)
      answer.write(token('a'))
      answer.write(Buffer.from(token('b')).toString('base64'), 'base64')
      answer.write(encoder.encode(token('c')), () => answer.end(token('d'), 'utf8', () => undefined))
    })
    expect(await (await fetch(baseUrl)).text()).toBe(['a', 'b', 'c', 'd'].map(token).join(''))
    expect(await recorded()).toEqual(['a', 'b', 'c', 'd', 'complete'])
  })

  it('is aborted when the client leaves', async () => {
    const { recorder, recorded } = start()
    let onClose: () => void = () => undefined
    const closed = new Promise<void>((resolve) => {
      onClose = resolve
    })
    const baseUrl = await serve((_, answer) => {
      recorder.record(answer).write(token('a'))
      answer.on('close', onClose)
    })
    const leave = new AbortController()
    const response = await fetch(baseUrl, { signal: leave.signal })
    await response.body?.getReader().read()
    leave.abort()
    await closed
    expect(await recorded()).toEqual(['a', 'aborted'])
  })
})

describe('a Node stream that is read', () => {
  const readings: Record<string, (stream: Readable) => Promise<string>> = {
    'with for await': async (stream) => {
      let text = ''
      for await (const chunk of stream) text += chunk
      return text
    },
    'with data events': async (stream) => {
      let text = ''
      stream.on('data', (chunk) => {
        text += chunk
      })
      await once(stream, 'end')
      return text
    },
    'with read()': async (stream) => {
      let text = ''
      stream.on('readable', () => {
        for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk
      })
      await once(stream, 'end')
      return text
    },
    'as a web stream': (stream) => new Response(Readable.toWeb(stream) as ReadableStream).text(),
  }

  it.each(Object.entries(readings))('is recorded: %s', async (_, read) => {
    const { recorder, recorded } = start()
    const baseUrl = await serve((_request, answer) => void answer.end(token('a') + token('b')))
    const [message] = (await once(get(baseUrl), 'response')) as [IncomingMessage]
    const same = recorder.record(message)
    expect(same).toBe(message)
    expect(await read(same)).toBe(token('a') + token('b'))
    expect(await recorded()).toEqual(['a', 'b', 'complete'])
  })

  it('says when it broke, and when it was given up', async () => {
    const { recorder, recorded } = start()
    for (const failure of [new Error('cut'), undefined]) {
      const stream = recorder.record(Readable.from([token('a'), token('b')]))
      stream.on('error', () => undefined).once('data', () => stream.destroy(failure))
      await new Promise((resolve) => stream.once('close', resolve))
    }
    const ends = (await recorded()).filter((text) => text.length > 1)
    expect(ends).toEqual(['error', 'aborted'])
  })
})
