import { describe, expect, it } from 'vitest'

import { openStream, publicAddress } from '../src/stream-request.ts'

const failureOf = (url: string, header: readonly string[] = []) =>
  openStream(url, { header }, AbortSignal.timeout(10_000)).then(
    () => undefined,
    (error: unknown) => error,
  )

describe('openStream', () => {
  it('says what is wrong with a header, but not its value', async () => {
    for (const header of ['authorization: Bearer topsecret€', 'x: topsecret\ny', 'authorization topsecret']) {
      const failure = await failureOf('http://127.0.0.1/', [header])
      expect(failure).toMatchObject({ name: 'CommandFailure', exitCode: 2 })
      expect(String(failure)).toContain('--header: ')
      expect(String(failure)).not.toContain('topsecret')
    }
  })

  it('says why there is no answer', async () => {
    expect(await failureOf('http://127.0.0.1:1/')).toMatchObject({
      message: 'http://127.0.0.1:1/: no answer (bad port)',
      exitCode: 1,
    })
  })
})

describe('publicAddress', () => {
  it('says what to do with a user and a password, and does not repeat them', () => {
    expect(() => publicAddress('https://ada:hunter2@x.example/chat')).toThrow(
      /^https:\/\/x\.example\/chat: .* give --header "authorization: Basic …" instead$/,
    )
  })

  it('repeats what is no address without what may be a key', () => {
    for (const url of [
      'localhost:3000/chat?key=hunter2',
      'ftp://ada:hunter2@x/',
      'ada:hunter2@x',
      'x/#hunter2',
    ]) {
      expect(() => publicAddress(url)).toThrow(/^Expected an address like https:\/\//)
      expect(() => publicAddress(url)).not.toThrow(/hunter2/)
    }
  })
})
