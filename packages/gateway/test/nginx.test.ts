import type { RequestListener } from 'node:http'

import { describe, expect, it, onTestFinished } from 'vitest'
import { reportedCalls } from './support/calls.ts'
import { bodyOf, fakeApi } from './support/fake-api.ts'
import { startGateway } from './support/gateway.ts'
import { startNginx } from './support/nginx.ts'
import { messagesOf, streamNamed } from './support/streams.ts'

const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')
const STEP_MS = 25

/** A model that takes its time. */
const slowModel: RequestListener = async (request, response) => {
  await bodyOf(request)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const messages = [...messagesOf(STREAM)]
  const timer = setInterval(() => {
    const message = messages.shift()
    if (message !== undefined) response.write(message)
    else {
      clearInterval(timer)
      response.end()
    }
  }, STEP_MS)
  response.on('close', () => clearInterval(timer))
}

const ask = async (url: string) => {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: '{"model": "m", "stream": true}',
  })
  expect(await answer.text()).toBe(STREAM.toString())
}

async function nginx(upstream: string, directives?: string): Promise<string> {
  const started = await startNginx(upstream, directives)
  onTestFinished(() => started.dispose())
  return started.url
}

describe('an nginx that buffers', { timeout: 60_000 }, () => {
  it('before the API is named, with the reason and what to do', async () => {
    const calls = reportedCalls()
    const { url: target } = await fakeApi(slowModel)
    const { url } = await startGateway({
      target: await nginx(target, 'proxy_buffering on;'),
      onCall: calls.onCall,
    })
    await ask(url)
    const [report] = await calls.until(1)
    expect(report?.upstream).toMatchObject({ buffering: 'blocks' })
    expect(report?.upstream?.advice[0]).toContain('set proxy_buffering off')
    const health = await (await fetch(`${url}/health/streaming`)).json()
    expect(health).toMatchObject({
      status: 'degraded',
      buffering: [
        {
          hop: 'upstream',
          streams: 1,
          of: 1,
          because: expect.stringMatching(/^24 of 29 messages came in bursts/),
        },
      ],
    })
    expect(health.reasons[0]).toMatch(
      /^something between the gateway and 127\.0\.0\.1:\d+ holds streams back: 24 of 29/,
    )
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /agent_stream_gateway_buffered_streams_total\{agent_stream_target="[^"]+",hop="upstream"\} 1/,
    )
  })

  it('between clients and the gateway is suspected by how it asks', async () => {
    const calls = reportedCalls()
    const { url: target } = await fakeApi(slowModel)
    const { url } = await startGateway({ target, onCall: calls.onCall })
    await ask(await nginx(url, 'proxy_buffering on;'))
    const [report] = await calls.until(1)
    expect(report?.upstream).toMatchObject({ buffering: 'streams' })
    expect(report?.downstream?.because).toContain('HTTP/1.0')
    const health = await (await fetch(`${url}/health/streaming`)).json()
    expect(health).toMatchObject({ status: 'degraded', buffering: [{ hop: 'downstream' }] })
    expect(health.reasons[0]).toContain('between the clients and the gateway holds streams back')
    expect(health.reasons[0]).toContain('proxy_buffering off')
  })

  it('is not named where it does not', async () => {
    const calls = reportedCalls()
    const { url: target } = await fakeApi(slowModel)
    const passing = 'proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection "";'
    const { url } = await startGateway({ target: await nginx(target, passing), onCall: calls.onCall })
    await ask(await nginx(url, passing))
    expect(await calls.until(1)).toMatchObject([{ upstream: { buffering: 'streams' } }])
    expect(await (await fetch(`${url}/health/streaming`)).json()).toMatchObject({
      status: 'healthy',
      buffering: [],
    })
  })
})
