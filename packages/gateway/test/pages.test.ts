import { describe, expect, it } from 'vitest'
import { reportedCalls } from './support/calls.ts'
import { bodyOf, fakeApi } from './support/fake-api.ts'
import { startGateway } from './support/gateway.ts'
import { streamNamed } from './support/streams.ts'

const TOKEN = 'the token of the page'
const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')

async function started(options = {}) {
  const calls = reportedCalls()
  const api = await fakeApi(async (request, response) => {
    await bodyOf(request)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM)
  })
  const { url, gateway } = await startGateway({
    target: [{ url: api.url, name: 'api' }],
    onCall: calls.onCall,
    ...options,
  })
  const ask = async (model: string) => {
    const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'A question' }] })
    await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).text()
  }
  return { url, gateway, calls, ask }
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const basic = (password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` },
})

describe('/debug/', { timeout: 30_000 }, () => {
  it('is not there without a token', async () => {
    const { url } = await started()
    expect((await fetch(`${url}/debug/calls`)).status).toBe(404)
    expect((await fetch(`${url}/debug/`, bearer(TOKEN))).status).toBe(404)
  })

  it('is for those who have the token', async () => {
    const { url } = await started({ token: TOKEN })
    const statusOf = async (init?: RequestInit) => (await fetch(`${url}/debug/calls`, init)).status
    expect(await Promise.all([statusOf(), statusOf(bearer('no')), statusOf(basic('no'))])).toEqual([
      401, 401, 401,
    ])
    expect(await Promise.all([statusOf(bearer(TOKEN)), statusOf(basic(TOKEN))])).toEqual([200, 200])
    for (const path of ['/debug/', '/debug/dashboard.js', '/debug/uplot.js', '/debug/dashboard.css']) {
      expect((await fetch(url + path)).status).toBe(401)
      const response = await fetch(url + path, bearer(TOKEN))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect((await fetch(`${url}/debug/../../package.json`, bearer(TOKEN))).status).not.toBe(401)
    expect((await fetch(`${url}/debug/nothing`, bearer(TOKEN))).status).toBe(404)
  })

  it('lists the last calls, and what was said only if it is told to', async () => {
    for (const isPromptShown of [false, true]) {
      const { url, calls, ask } = await started({ token: TOKEN, isPromptShown })
      for (const model of ['m1', 'm2', 'm3']) await ask(model)
      await calls.until(3)
      const answer = await (await fetch(`${url}/debug/calls?limit=2`, bearer(TOKEN))).json()
      expect(answer.calls.map((call: { requestModel: string }) => call.requestModel)).toEqual(['m3', 'm2'])
      expect(JSON.stringify(answer).includes('A question')).toBe(isPromptShown)
      expect(JSON.stringify(answer).includes('The sum')).toBe(isPromptShown)
    }
  })
})

describe('/health/streaming', () => {
  it('is healthy where nothing happens', async () => {
    const { url } = await started()
    const response = await fetch(`${url}/health/streaming`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'healthy',
      reasons: [],
      avg_ttft_ms: null,
      calls: 0,
    })
  })

  it('is degraded beyond its thresholds, and says which', async () => {
    const { url, calls, ask } = await started({ thresholds: { maxMeanTtftMs: 0, minCalls: 1 } })
    await ask('m')
    await calls.until(1)
    const health = await (await fetch(`${url}/health/streaming`)).json()
    expect(health).toMatchObject({ status: 'degraded', streaming_calls: 1 })
    expect(health.reasons).toEqual([
      expect.stringMatching(/^the first token takes \d+ ms on average; 0 are allowed/),
    ])
  })
})

describe('/health/probe', () => {
  const tell = (url: string, id: string, body: BodyInit) =>
    fetch(`${url}/health/probe/${id}`, { method: 'POST', body })
  const verdict = JSON.stringify({ buffering: 'buffered', because: 'all at once' })
  const buffering = async (url: string) => (await (await fetch(`${url}/health/streaming`)).json()).buffering

  it('hears what was seen of a stream that was asked for', async () => {
    const { url } = await started()
    const probe = await fetch(`${url}/health/probe`, { headers: { 'x-agent-stream-probe': 'p1' } })
    await probe.body?.cancel()
    expect(await (await tell(url, 'p1', verdict)).json()).toMatchObject({
      gateway: 'agent-stream',
      upstream: null,
    })
    expect(await buffering(url)).toMatchObject([
      { hop: 'downstream', target: 'probes', because: 'a client says: all at once' },
    ])
  })

  it('hears nothing of what nobody asked for, nor what is no verdict', async () => {
    const { url } = await started()
    expect((await tell(url, 'unknown', verdict)).status).toBe(200)
    expect((await tell(url, 'p', '{"buffering": "yes"}')).status).toBe(400)
    expect((await tell(url, 'p', 'x'.repeat(1_000_000))).status).toBe(400)
    expect((await fetch(`${url}/health/probe`, { method: 'DELETE' })).status).toBe(405)
    expect(await buffering(url)).toEqual([])
  })
})

describe('/metrics', () => {
  it('has the names and buckets of OpenTelemetry', async () => {
    const { url, calls, ask } = await started()
    await ask('gpt-4o-mini')
    await calls.until(1)
    const response = await fetch(`${url}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    const labels =
      'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini",gen_ai_response_model="gpt-4o-mini-2024-07-18",server_address="127.0.0.1"'
    for (const name of ['operation_duration', 'operation_time_to_first_chunk']) {
      expect(text).toContain(`gen_ai_client_${name}_seconds_bucket{le="0.01",${labels}`)
      expect(text).toContain(`gen_ai_client_${name}_seconds_bucket{le="81.92",${labels}`)
      expect(text).toMatch(new RegExp(`gen_ai_client_${name}_seconds_count\\{.*\\} 1\\n`))
    }
    expect(text).toMatch(/gen_ai_client_operation_time_per_output_chunk_seconds_count\{.*\} 24\n/)
    expect(text).toMatch(/gen_ai_client_token_usage_sum\{.*gen_ai_token_type="output"\} 26\n/)
    expect(text).toMatch(/gen_ai_client_token_usage_bucket\{le="67108864",/)
    expect(text).toMatch(/agent_stream_gateway_calls_total\{.*outcome="complete".*\} 1\n/)
    expect(text).toMatch(/agent_stream_gateway_cost_usd_total\{.*\} 0\.0000\d+\n/)
    expect(text).toContain('agent_stream_gateway_calls_in_flight 0\n')
  })

  it('does not grow with the models that clients think of', { timeout: 60_000 }, async () => {
    const { url, calls, ask } = await started()
    for (let i = 0; i < 130; i++) await ask(`model-${i}`)
    await calls.until(130)
    const text = await (await fetch(`${url}/metrics`)).text()
    const models = new Set([...text.matchAll(/gen_ai_request_model="([^"]+)"/g)].map(([, model]) => model))
    expect(models.size).toBeLessThanOrEqual(101)
    expect(models).toContain('other')
  })
})
