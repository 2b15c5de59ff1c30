import { describe, expect, it } from 'vitest'

import type { Grant } from '../../src/index.ts'
import { createReader, hello, openServer, runIdOf } from './run-server-harness.ts'

describe('requests', () => {
  const strict = () =>
    openServer({
      agent: hello,
      basePath: '/api',
      maxBodyBytes: 1010,
      authorize: (request): Grant | false => {
        const owner = request.headers.get('authorization')
        return owner ? { owner } : false
      },
    })
  const ada = { authorization: 'ada' }
  const runId = 'a'.repeat(32)

  it.each([
    ['GET', '/elsewhere', 404, 'not_found'],
    ['GET', '/runs', 404, 'not_found'],
    ['PUT', '/api/runs', 405, 'method_not_allowed'],
    ['DELETE', `/api/runs/${runId}`, 405, 'method_not_allowed'],
    ['POST', `/api/runs/${runId}/events`, 405, 'method_not_allowed'],
    ['GET', `/api/runs/${runId}/input`, 405, 'method_not_allowed'],
    ['GET', `/api/runs/${runId}`, 404, 'unknown_run'],
    ['GET', '/api/runs/', 404, 'unknown_run'],
    ['GET', '/api/runs/..%2fx', 404, 'unknown_run'],
    ['GET', '/api/runs/%E2%82%AC%00/events', 404, 'unknown_run'],
    ['GET', `/api/runs/${runId}/events/more`, 404, 'not_found'],
    ['GET', '/api/runs?status=asleep', 400, 'invalid_request'],
    ['GET', '/api/runs?limit=0', 400, 'invalid_request'],
    ['GET', '/api/runs?since=yesterday', 400, 'invalid_request'],
  ])('%s %s → %i %s', async (method, path, status, code) => {
    const { call } = strict()
    const answer = await call.send(method, path, undefined, ada)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toMatchObject({ code, message: expect.any(String) })
  })

  it('for a run id of 10,000 characters get a short answer', async () => {
    const { call } = strict()
    const answer = await call.send('GET', `/api/runs/${'x'.repeat(10_000)}`, undefined, ada)
    expect(answer.status).toBe(404)
    expect((await answer.text()).length).toBeLessThan(200)
  })

  it.each([
    ['no JSON', '{"a":', {}, 400, 'invalid_request'],
    ['nothing', '', {}, 400, 'invalid_request'],
    ['too deep a nest', `${'['.repeat(501)}${']'.repeat(501)}`, {}, 400, 'invalid_request'],
    ['another type', 'a=1', { 'Content-Type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['too much', JSON.stringify('x'.repeat(1010)), {}, 413, 'body_too_large'],
    ['an empty key', '{}', { 'Idempotency-Key': '' }, 400, 'invalid_request'],
    ['a key that is too long', '{}', { 'Idempotency-Key': 'k'.repeat(256) }, 400, 'invalid_request'],
  ])('a start with %s starts nothing', async (_, body, headers, status, code) => {
    const { call } = strict()
    const answer = await call.send('POST', '/api/runs', body, { ...ada, ...headers })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code })
    expect(await (await call.send('GET', '/api/runs', undefined, ada)).json()).toEqual({ runs: [] })
  })

  it('without authorization are refused before their body is read', async () => {
    const { call } = strict()
    expect((await call.send('POST', '/api/runs', '{"a":')).status).toBe(401)
    expect((await call.send('GET', `/api/runs/${runId}/events`)).status).toBe(401)
  })

  it('of others find no run, and change none', async () => {
    const { call } = strict()
    const started = await call.send('POST', '/api/runs', {}, ada)
    await createReader(started).toEnd()
    const path = started.headers.get('content-location') as string
    expect(path).toMatch(/^\/api\/runs\/[0-9a-f]{32}\/events$/)
    const bob = { authorization: 'bob' }
    const run = path.replace(/\/events$/, '')
    expect((await call.send('GET', path, undefined, bob)).status).toBe(404)
    expect((await call.send('GET', run, undefined, bob)).status).toBe(404)
    expect((await call.send('POST', `${run}/cancel`, {}, bob)).status).toBe(404)
    expect(await (await call.send('GET', '/api/runs', undefined, bob)).json()).toEqual({ runs: [] })
    expect((await call.send('GET', path, undefined, ada)).status).toBe(200)
  })

  it('list runs, the newest first, by status and time', async () => {
    const { call } = openServer({ agent: hello })
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      const response = await call.start({ n })
      ids.unshift(runIdOf(response))
      await createReader(response).toEnd()
    }
    const listed = async (query: string) => {
      const { runs } = (await (await call.send('GET', `/runs${query}`)).json()) as {
        runs: { run_id: string }[]
      }
      return runs.map((run) => run.run_id)
    }
    expect(await listed('')).toEqual(ids)
    expect(await listed('?limit=1')).toEqual(ids.slice(0, 1))
    expect(await listed('?status=running')).toEqual([])
    expect(await listed('?status=ended&since=2000-01-01T00:00:00Z')).toEqual(ids)
    expect(await listed('?before=2000-01-01T00:00:00Z')).toEqual([])
  })

  it('bring reports to the application', async () => {
    const reports: unknown[] = []
    const { call } = openServer({
      agent: hello,
      onReport: (report, owner) => void reports.push([report, owner]),
    })
    expect((await call.send('POST', '/runs/report', { run_id: 'x' })).status).toBe(204)
    expect(reports).toEqual([[{ run_id: 'x' }, 'everyone']])
  })

  it('beyond what the server can take are refused with a time to come back', async () => {
    const { call } = openServer({
      agent: async function* () {
        yield await new Promise<never>(() => undefined)
      },
      maxRuns: 1,
    })
    expect((await call.start()).status).toBe(200)
    const answer = await call.start()
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('5')
  })

  it('that are let in without an owner touch nothing', async () => {
    const { call, errors } = openServer({ agent: hello, authorize: (() => true) as never })
    expect((await call.start()).status).toBe(500)
    expect((await call.events('a'.repeat(32))).status).toBe(500)
    expect(String(errors[0])).toContain('authorize: expected { owner: "…" } or false')
  })

  it('whose body authorize has read are the application’s mistake', async () => {
    const { call, errors } = openServer({
      agent: hello,
      async authorize(request) {
        await request.text()
        return { owner: 'ada' }
      },
    })
    expect((await call.start()).status).toBe(500)
    expect(String(errors[0])).toContain('request.clone()')
  })

  it('that fail in the application say nothing of the cause', async () => {
    const { call, errors } = openServer({
      agent: hello,
      authorize: () => {
        throw new Error('secret')
      },
    })
    const answer = await call.start()
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })
})

describe('pages of another origin', () => {
  const page = 'https://app.example'
  const { call } = openServer({ agent: hello, cors: { origins: [page] } })

  it('may ask with what the client sends, and read what it needs', async () => {
    const preflight = await call.send('OPTIONS', '/runs', undefined, {
      Origin: page,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,last-event-id',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(page)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Idempotency-Key, Last-Event-ID/)
    const response = await call.start({}, { Origin: page })
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
    expect(response.headers.get('access-control-expose-headers')).toMatch(/Content-Location/)
    const refused = await call.send('GET', '/nothing', undefined, { Origin: page })
    expect(refused.headers.get('access-control-allow-origin')).toBe(page)
  })

  it('that are not named get no permission', async () => {
    const response = await call.start({}, { Origin: 'https://evil.example' })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(response.headers.get('vary')).toBe('Origin')
  })
})
