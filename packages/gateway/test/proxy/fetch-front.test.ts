import { describe, expect, it } from 'vitest'

import { createGateway } from '../../src/gateway.ts'
import { bodyOf, fakeApi, heldApi } from '../support/fake-api.ts'
import { inlineObserver } from '../support/inline-observer.ts'

describe('fetch', () => {
  it('answers as the API does', async () => {
    const api = await fakeApi(async (incoming, response) => {
      response.writeHead(201, 'Made', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Path',
        incoming.url ?? '',
      ])
      response.end(`${incoming.method} ${await bodyOf(incoming)}`)
    })
    const gateway = createGateway({ target: api.url }, { startObserver: inlineObserver() })
    const response = await gateway.fetch(
      new Request('http://anywhere/v1/x?a=1', { method: 'POST', body: 'question' }),
    )
    expect([response.status, response.statusText]).toEqual([201, 'Made'])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('x-path')).toBe('/v1/x?a=1')
    expect(await response.text()).toBe('POST question')
    await gateway.close()
  })

  it('has no body where there is none, and errors where the API breaks off', async () => {
    const api = await fakeApi((incoming, response) => {
      if (incoming.url === '/none') response.writeHead(204).end()
      else response.write('beginning', () => response.destroy())
    })
    const gateway = createGateway({ target: api.url }, { startObserver: inlineObserver() })
    expect((await gateway.fetch(new Request('http://x/none'))).body).toBeNull()
    const broken = await gateway.fetch(new Request('http://x/'))
    await expect(broken.text()).rejects.toThrow('The connection to the API broke')
    await gateway.close()
  })

  it('reads the API only as fast as it is read, and leaves it when it is left', async () => {
    const api = await heldApi()
    const gateway = createGateway({ target: api.url }, { startObserver: inlineObserver() })
    const asked = gateway.fetch(new Request('http://x/'))
    const { response } = await api.next()
    const closed = new Promise((resolve) => response.once('close', resolve))
    response.write('data: 1\n\n')
    const reader = (await asked).body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n')
    await reader?.cancel()
    await closed
    await gateway.close()
  })

  it('rejects when it is aborted before the answer', async () => {
    const api = await heldApi()
    const gateway = createGateway({ target: api.url }, { startObserver: inlineObserver() })
    const controller = new AbortController()
    const asked = gateway.fetch(new Request('http://x/', { signal: controller.signal }))
    const { response } = await api.next()
    const closed = new Promise((resolve) => response.once('close', resolve))
    controller.abort()
    await expect(asked).rejects.toThrow('aborted')
    await closed
    await gateway.close()
  })
})
