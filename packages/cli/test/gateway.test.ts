import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { startNginx } from '../../gateway/test/support/nginx.ts'
import { resultOf, runCommand, startCommand } from './command.ts'
import { localServer, token } from './local-server.ts'
import { temporaryFolder } from './recording-folder.ts'

const SSE = { 'content-type': 'text/event-stream' }

/** Twelve tokens, one every 40 ms. */
const slowAgent: RequestListener = (_, response) => {
  response.writeHead(200, SSE)
  let count = 0
  const timer = setInterval(() => {
    response.write(token('x'))
    if (++count < 12) return
    clearInterval(timer)
    response.end('event: done\ndata: {}\n\n')
  }, 40)
}

interface Started {
  readonly url: string
  readonly said: string
  readonly child: ChildProcess
  readonly result: ReturnType<typeof resultOf>
}

/** Until it listens. */
async function startGateway(...args: string[]): Promise<Started> {
  const child = startCommand('gateway', '--port', '0', ...args)
  onTestFinished(() => void child.kill('SIGKILL'))
  const result = resultOf(child)
  let said = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (text: string) => {
      said += text
      const [, url] = /(http:\/\/[\d.]+:\d+)\/health\/streaming/.exec(said) ?? []
      if (url && said.includes('Ctrl-C ends')) resolve({ url, said, child, result })
    })
    child.once('exit', () => reject(new Error(said)))
  })
}

/** Without the path. */
const originOf = (url: string) => new URL(url).origin

async function nginx(upstream: string): Promise<string> {
  const started = await startNginx(upstream, 'proxy_buffering on;')
  onTestFinished(() => started.dispose())
  return started.url
}

describe('agent-stream gateway', { timeout: 60_000 }, () => {
  it('passes calls on, says a line for each, and writes what it recorded at its end', async () => {
    const folder = join(temporaryFolder(), 'recordings')
    const target = originOf(await localServer(slowAgent))
    const { url, said, child, result } = await startGateway('--target', target, '--record', folder)
    expect(said).toContain(`${url} passes calls on to ${target}\n`)
    expect(said).toContain('no token: /debug/ is closed')
    const answer = await (await fetch(`${url}/chat?key=not-to-be-seen`)).text()
    expect(answer).toBe(`${token('x').repeat(12)}event: done\ndata: {}\n\n`)
    child.kill('SIGTERM')
    const { stdout, exitCode } = await result
    expect(stdout).toMatch(/^\S+Z 127\.0\.0\.1:\d+ GET \/chat 200 complete duration=\d+ms\n$/)
    expect(exitCode).toBe(0)
    expect(readdirSync(folder).some((name) => name.endsWith('.json'))).toBe(true)
    const { stdout: list } = await runCommand('replay', folder, '--list')
    expect(list).toContain('token, done')
  })

  it('lets a call under way end before it does', async () => {
    const target = originOf(await localServer(slowAgent))
    const { url, child, result } = await startGateway('--target', target, '--json')
    const answer = await fetch(`${url}/chat`)
    child.kill('SIGTERM')
    expect(await answer.text()).toContain('event: done')
    const { stdout, exitCode } = await result
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'complete', status: 200, recording: 'off' })
    expect(exitCode).toBe(0)
  })

  it('says what keeps it from beginning', async () => {
    const taken = new URL(await localServer(slowAgent)).port
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const cases = [
      [['--target', 'api.openai.com'], 2, 'The target is "api.openai.com"; expected an address'],
      [[], 2, 'There is no target; expected an address like https://api.openai.com'],
      [['--target', 'http://127.0.0.1:1', '--port', taken], 1, `127.0.0.1:${taken}: is taken; 0 finds one`],
      [
        ['--target', 'http://127.0.0.1:1', '--record', join(file, 'x')],
        1,
        'is below something that is no folder',
      ],
      [['--replay', join(file, '../nowhere')], 1, 'no such file or folder'],
      [['--replay', file], 1, 'is no folder'],
      [['--target', 'http://127.0.0.1:1', '--sample', '2'], 2, 'expected a share from 0 to 1'],
      [['--target', 'http://127.0.0.1:1', '--token', 'short'], 2, 'token is too short'],
    ] as const
    const results = await Promise.all(cases.map(([args]) => runCommand('gateway', ...args)))
    expect(results.map(({ exitCode }) => exitCode)).toEqual(cases.map(([, code]) => code))
    for (const [i, [, , message]] of cases.entries()) expect(results[i]?.stderr).toContain(message)
  })

  it('answers from recordings', async () => {
    const folder = join(temporaryFolder(), 'recordings')
    mkdirSync(folder)
    const target = originOf(await localServer(slowAgent))
    const recording = await startGateway('--target', target, '--record', folder)
    const answer = await (await fetch(`${recording.url}/chat`)).text()
    recording.child.kill('SIGTERM')
    await recording.result
    const replaying = await startGateway('--replay', folder, '--speed', '0')
    expect(await (await fetch(`${replaying.url}/chat`)).text()).toBe(answer)
    expect((await fetch(`${replaying.url}/other`)).status).toBe(404)
  })
})

describe('agent-stream doctor through a gateway', { timeout: 60_000 }, () => {
  it('names the side of the clients', async () => {
    const { url } = await startGateway('--target', originOf(await localServer(slowAgent)))
    const front = await nginx(url)
    const { stdout, exitCode } = await runCommand('doctor', `${front}/chat`)
    expect(stdout).toMatch(
      /^It is buffered: something holds the whole stream back: all 13 messages came at once/,
    )
    expect(stdout).toMatch(
      /It is held back between here and the gateway, where the same stream came in time:/,
    )
    expect(stdout).toContain('proxy_buffering off in nginx')
    expect(exitCode).toBe(1)
    const { buffering } = await (await fetch(`${url}/health/streaming`)).json()
    expect(buffering).toMatchObject([
      { hop: 'downstream', because: expect.stringMatching(/^a client says: all 13 messages came at once/) },
    ])
  })

  it('names the side of the API', async () => {
    const target = await nginx(originOf(await localServer(slowAgent)))
    const { url } = await startGateway('--target', target)
    const { stdout, exitCode } = await runCommand('doctor', `${url}/chat`)
    expect(stdout).toMatch(
      /It is held back between the gateway and 127\.0\.0\.1:\d+: all 13 messages came at once/,
    )
    expect(exitCode).toBe(1)
  })

  it('says that it streams, and tests the way without a model', async () => {
    const { url } = await startGateway('--target', originOf(await localServer(slowAgent)))
    const { stdout, exitCode } = await runCommand('doctor', `${url}/chat`, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      buffering: 'streams',
      gateway: { upstream: { buffering: 'streams' } },
      held_back: null,
    })
    expect(exitCode).toBe(0)
    expect((await runCommand('doctor', `${url}/health/probe`)).stdout).toMatch(/^It streams: 13 messages/)
    const front = await nginx(url)
    expect((await runCommand('doctor', `${front}/health/probe`)).stdout).toMatch(/^It is buffered/)
  })
})
