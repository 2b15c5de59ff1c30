import { describe, expect, it } from 'vitest'

import { LogError } from '../../../src/index.ts'
import { redisError, replyCode } from '../../../src/log/redis/redis-error.ts'

describe('redisError', () => {
  it.each([
    ['LOADING Redis is loading the dataset in memory', /loading/],
    ["READONLY You can't write against a read only replica. script: 1f", /replica/],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", /primary/],
    ['NOREPLICAS Not enough good replicas to write.', /too few/],
    ["OOM command not allowed when used memory > 'maxmemory'.", /maxmemory/],
    ['MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist', /disk/],
    ['BUSY Redis is busy running a script.', /busy/],
    ['NOAUTH Authentication required.', /password/],
    ['WRONGPASS invalid username-password pair or user is disabled.', /password/],
    ["NOPERM User app has no permissions to run the 'evalsha' command", /allow/],
    ['UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)', /role/],
    ['Socket closed unexpectedly', /lost/],
    ['connect ECONNREFUSED 10.0.0.1:6379', /lost/],
    ['Disconnects client', /lost/],
  ])('lets %s be tried again', (message, said) => {
    const cause = new Error(message)
    const error = redisError(cause)
    expect(error).toBeInstanceOf(LogError)
    expect(error).toMatchObject({
      code: 'unavailable',
      retryable: true,
      cause,
      message: expect.stringMatching(said),
    })
  })

  it.each([
    [
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      'Redis refused a command of the log (WRONGTYPE)',
    ],
    [
      "ERR unknown command 'EVALSHA', with args beginning with: 'secret'",
      'Redis refused a command of the log (ERR)',
    ],
    ['MOVED 3999 127.0.0.1:6381', 'Redis Cluster is not supported: give the log a client of one Redis'],
    [
      "CROSSSLOT Keys in request don't hash to the same slot",
      'Redis Cluster is not supported: give the log a client of one Redis',
    ],
  ])('fails for %s', (message, said) => {
    const error = redisError(new Error(message))
    expect(error).not.toBeInstanceOf(LogError)
    expect(error.message).toBe(said)
  })

  it("hands the log's own errors on", () => {
    const error = new LogError('closed', 'The log was closed')
    expect(redisError(error)).toBe(error)
  })

  it('finds no code in what is no error reply', () => {
    expect(replyCode(new Error('Socket timeout'))).toBeUndefined()
    expect(replyCode('LOADING')).toBeUndefined()
    expect(replyCode(new Error('BUSY'))).toBe('BUSY')
  })
})
