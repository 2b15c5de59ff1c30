import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parseRecording } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { resultOf, runCommand, startCommand } from './command.ts'
import { localServer, token } from './local-server.ts'
import { temporaryFolder } from './recording-folder.ts'

const SSE = { 'content-type': 'text/event-stream' }
const KEY = `sk-ant-api03-${'a1B2'.repeat(20)}`

const sessionsIn = (path: string) => parseRecording(readFileSync(path, 'utf8')).sessions
const outFile = () => join(temporaryFolder(), 'rec.jsonl')

describe('agent-stream record', { timeout: 30_000 }, () => {
  it('writes what comes, and says how it ended', async () => {
    const out = outFile()
    const url = await localServer((_, response) => {
      response.writeHead(200, SSE).end(`${token('Hello')}${token(' you')}event: done\ndata: {}\n\n`)
    })
    const { stderr, exitCode } = await runCommand('record', `${url}?key=secret`, '--out', out)
    expect(stderr).toMatch(/rec\.jsonl: 3 events in \S+ ms; complete\n$/)
    expect(exitCode).toBe(0)
    const [session] = sessionsIn(out)
    expect(session).toMatchObject({ end: 'complete', metadata: { url } })
    expect(session?.events.map(({ event }) => event)).toEqual(['token', 'token', 'done'])
  })

  it('adds to a recording, and says so as JSON', async () => {
    const out = outFile()
    const url = await localServer((_, response) => {
      response.writeHead(200, SSE).end(`${token('x')}event: done\ndata: {}\n\n`)
    })
    await runCommand('record', url, '--out', out)
    const { stdout } = await runCommand('record', url, '--out', out, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      file: out,
      end: 'complete',
      outcome: 'complete',
      events: 2,
      dropped: 0,
    })
    expect(sessionsIn(out)).toHaveLength(2)
  })

  it('redacts secrets, unless it is told not to', async () => {
    const url = await localServer((_, response) => {
      const pieces = [KEY.slice(0, 20), KEY.slice(20)].map(token)
      response.writeHead(200, SSE).end(`${pieces.join('')}event: done\ndata: {}\n\n`)
    })
    const [scrubbed, plain] = [outFile(), outFile()]
    await runCommand('record', url, '--out', scrubbed)
    await runCommand('record', url, '--out', plain, '--no-scrub')
    const textIn = (path: string) =>
      sessionsIn(path)[0]
        ?.events.map(({ data }) => (data as { text?: string }).text ?? '')
        .join('')
    expect(textIn(scrubbed)).toContain('[REDACTED')
    expect(textIn(scrubbed)).not.toContain(KEY.slice(20))
    expect(textIn(plain)).toBe(KEY)
  })

  it('keeps what came before a connection broke', async () => {
    const out = outFile()
    const url = await localServer((_, response) => {
      response.writeHead(200, SSE)
      response.write(token('Hello'), () => response.destroy())
    })
    const { stderr, exitCode } = await runCommand('record', url, '--out', out)
    expect(stderr).toContain(`${url}: the connection broke`)
    expect(exitCode).toBe(1)
    expect(sessionsIn(out)[0]).toMatchObject({ end: 'error', events: [{ event: 'token' }] })
  })

  it('ends the session at Ctrl-C', async () => {
    const out = outFile()
    let hasWritten = () => {}
    const written = new Promise<void>((resolve) => {
      hasWritten = resolve
    })
    const url = await localServer((_, response) => {
      response.writeHead(200, SSE)
      response.write(token('Hello'), hasWritten)
    })
    const child = startCommand('record', url, '--out', out)
    const result = resultOf(child)
    await written
    await expect.poll(() => existsSync(out) && sessionsIn(out)[0]?.events.length, { timeout: 10_000 }).toBe(1)
    child.kill('SIGINT')
    expect((await result).exitCode).toBe(0)
    expect(sessionsIn(out)[0]).toMatchObject({ end: 'aborted', events: [{ event: 'token' }] })
  })

  it('makes no file when nobody answers with a stream', async () => {
    const out = outFile()
    const url = await localServer((_, response) => response.writeHead(500).end())
    const { exitCode } = await runCommand('record', url, '--out', out)
    expect(exitCode).toBe(1)
    expect(existsSync(out)).toBe(false)
  })

  it('says when the recording cannot be written', async () => {
    const url = await localServer((_, response) => {
      response.writeHead(200, SSE).end(`${token('x')}event: done\ndata: {}\n\n`)
    })
    const out = temporaryFolder()
    const { stderr, exitCode } = await runCommand('record', url, '--out', out)
    expect(stderr).toContain(`agent-stream: ${out}: is a folder\n`)
    expect(exitCode).toBe(1)
  })
})
