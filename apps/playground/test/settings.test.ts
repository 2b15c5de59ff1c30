import { describe, expect, it } from 'vitest'
import { readSettings } from '../server/settings.ts'

describe('readSettings', () => {
  it('is a file log at the default port, unless something else is asked for', () => {
    expect(readSettings([], {})).toEqual({
      hostname: '127.0.0.1',
      port: undefined,
      redis: undefined,
      stateFolder: undefined,
    })
    expect(readSettings([], { HOST: '::', PORT: '0', STATE_DIR: '/tmp/x' })).toMatchObject({
      hostname: '::',
      port: 0,
      stateFolder: '/tmp/x',
    })
  })

  it('starts a Redis, or takes the one that is there', () => {
    expect(readSettings(['--redis'], {}).redis).toBe('start')
    expect(readSettings([], { REDIS: '1' }).redis).toBe('start')
    expect(readSettings([], { REDIS: '0' }).redis).toBeUndefined()
    expect(readSettings(['--redis'], { REDIS_URL: 'redis://a:1' }).redis).toEqual({ url: 'redis://a:1' })
  })

  it('leaves a Redis alone that it was not told to use', () => {
    expect(readSettings([], { REDIS_URL: 'redis://a:1' }).redis).toBeUndefined()
  })

  it.each([
    [['--redsi'], {}, '"--redsi" is not known; there is --redis.'],
    [[], { PORT: 'http' }, 'PORT is "http"; give a number from 0 to 65535 (0: any free one).'],
    [
      ['--redis'],
      { REDIS_URL: ':secret@host' },
      'REDIS_URL is no URL of a Redis; give one like redis://127.0.0.1:6379.',
    ],
  ])('says what is wrong with %j %j', (args, env, message) => {
    expect(() => readSettings(args, env)).toThrow(new Error(message))
  })
})
