import { AgentStreamClient } from '@agent-stream/core'
import { describe, expect, it, onTestFinished } from 'vitest'

import { runCommand, startCommand } from './command.ts'
import { recordingOf, TWO_SESSIONS } from './recording-folder.ts'

/** The address of `replay --serve 0`, which is stopped after the test. */
async function serve(...args: string[]): Promise<{ url: string; stop: () => Promise<number | null> }> {
  const child = startCommand('replay', recordingOf(TWO_SESSIONS), '--index', '1', '--serve', '0', ...args)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const stop = () => {
    child.kill('SIGINT')
    return ended
  }
  onTestFinished(async () => void (await stop()))
  let said = ''
  for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
    said += chunk
    const url = /http:\S+/.exec(said)?.[0]
    if (url) return { url, stop }
  }
  return expect.fail(`it did not serve: ${said}`)
}

describe('agent-stream replay --serve', { timeout: 30_000 }, () => {
  it('streams the session with ids, and says where the run is', async () => {
    const { url } = await serve()
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('content-location')).toBe('/runs/s1/events')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const text = await response.text()
    expect(text).toMatch(/^id: 1\nevent: run_started\ndata: {"run_id":"s1",/)
    expect(text).toContain('id: 2\nevent: token\ndata: {"text":"Hello"}\n\nid: 3\n')
  })

  it('goes on after Last-Event-ID, and has nothing after the last', async () => {
    const { url } = await serve('--speed', '0')
    const after = (id: string) => fetch(url, { headers: { 'last-event-id': id } })
    await (await fetch(url)).text()
    expect(await (await after('3')).text()).toBe('id: 4\nevent: done\ndata: {}\n\n')
    expect((await after('4')).status).toBe(204)
  })

  it('begins again for a page that is opened again', async () => {
    const { url } = await serve('--speed', '0')
    const texts = [await (await fetch(url)).text(), await (await fetch(url)).text()]
    expect(texts[0]).toBe(texts[1])
  })

  it('lets the client resume after a fault', async () => {
    const { url } = await serve('--fault', 'cut:2', '--fault', 'status:503@2')
    const client = new AgentStreamClient({ baseUrl: url, retry: { baseMs: 1 } })
    const { outcome } = await client.start('chat', {})
    expect({ outcome, text: client.getSnapshot().text }).toEqual({ outcome: 'complete', text: 'Hello you' })
  })

  it('answers what browsers ask before they ask', async () => {
    const { url } = await serve()
    const { status, headers } = await fetch(url, { method: 'OPTIONS' })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-headers')).toContain('last-event-id')
  })

  it('stops at Ctrl-C, also while it streams', async () => {
    const { url, stop } = await serve('--speed', '0.001')
    const reader = (await fetch(url)).body?.getReader()
    await reader?.read()
    expect(await stop()).toBe(0)
  })

  it('says so when the port is taken', async () => {
    const { url } = await serve()
    const { port } = new URL(url)
    const { stderr, exitCode } = await runCommand('replay', recordingOf(TWO_SESSIONS), '--serve', port)
    expect({ stderr, exitCode }).toEqual({
      stderr: `agent-stream: port ${port}: is taken; 0 finds one that is free\n`,
      exitCode: 1,
    })
  })

  it('refuses JSON where nothing is listed', async () => {
    const { stderr, exitCode } = await runCommand('replay', recordingOf(TWO_SESSIONS), '--json')
    expect(stderr).toContain('--json needs --list')
    expect(exitCode).toBe(2)
  })

  it('refuses faults where nothing is on the way', async () => {
    const { stderr, exitCode } = await runCommand('replay', recordingOf(TWO_SESSIONS), '--fault', 'crlf')
    expect(stderr).toContain('--fault needs --serve')
    expect(exitCode).toBe(2)
  })
})
