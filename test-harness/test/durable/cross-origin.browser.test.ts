import { AgentStreamClient } from '@agent-stream/core'
import { expect, inject, it } from 'vitest'

import { type Task, textOf } from './agent.ts'

const apiUrl = inject('apiUrl')
const flakyApiUrl = inject('flakyApiUrl')

it('is on another origin than this page', () => {
  expect(new URL(apiUrl).origin).not.toBe(location.origin)
})

it('starts a run', async () => {
  const client = new AgentStreamClient({ baseUrl: apiUrl, retry: { idempotencyKey: true } })
  const result = await client.start('/runs', { tokens: 50 } satisfies Task)
  expect(result.outcome).toBe('complete')
  expect(client.getSnapshot()).toMatchObject({ text: textOf(50), reconciled: true })
})

it('resumes one whose connections break', async () => {
  const client = new AgentStreamClient({ baseUrl: flakyApiUrl, retry: { baseMs: 1, maxMs: 1 } })
  let restarts = 0
  let retries = 0
  client.subscribe(() => {
    if (client.getSnapshot().status === 'retrying') retries++
  })
  const task: Task = { tokens: 500, gapMs: 1 }
  const result = await client.start('/runs', task, { onRestart: () => restarts++ })
  expect(result.outcome).toBe('complete')
  expect(client.getSnapshot()).toMatchObject({ text: textOf(500), reconciled: true })
  expect(retries).toBeGreaterThan(0)
  expect(restarts).toBe(0)
})

it('answers the question of a run that another client follows, too', async () => {
  const starter = new AgentStreamClient({ baseUrl: apiUrl })
  const started = starter.start('/runs', { tokens: 10, asks: true } satisfies Task)
  await expect.poll(() => starter.getSnapshot().pendingInputs.length).toBe(1)
  const follower = new AgentStreamClient({ baseUrl: apiUrl })
  const followed = follower.resume(starter.getSnapshot().runId as string)
  await expect.poll(() => follower.getSnapshot().pendingInputs.length).toBe(1)
  await follower.respond('go-on', 'yes')
  expect((await started).outcome).toBe('complete')
  expect((await followed).outcome).toBe('complete')
  expect(follower.getSnapshot().text).toBe(textOf(10))
})

it('cancels a run by stopping it', async () => {
  const client = new AgentStreamClient({ baseUrl: apiUrl })
  const stopped = client.start('/runs', { tokens: 10_000, gapMs: 10 } satisfies Task)
  await expect.poll(() => client.getSnapshot().text.length).toBeGreaterThan(0)
  const runId = client.getSnapshot().runId
  client.stop()
  expect((await stopped).outcome).toBe('stopped')
  const runOf = async () => (await fetch(`${apiUrl}/runs/${runId}`)).json()
  await expect.poll(runOf).toMatchObject({ status: 'ended', outcome: 'stopped' })
})
