import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { importExport } from '../../src/import/import-export.ts'
import { migrate } from '../../src/migrate/migrate.ts'
import { recordedAnswers } from '../../src/migrate/target-answers.ts'
import { memoryStore } from '../../src/store/memory-store.ts'

const exported = (file: string) => readFileSync(join(import.meta.dirname, 'exports', file), 'utf8')

describe('importExport', () => {
  it.each([
    ['langfuse-api.json', 'langfuse', 2, 3],
    ['langfuse-blob.jsonl', 'langfuse', 2, 2],
    ['langsmith.jsonl', 'langsmith', 3, 2],
    ['otel-messages.json', 'otel', 1, 4],
    ['otel-events.jsonl', 'otel', 2, 0],
    ['otel-indexed.json', 'otel', 1, 0],
  ])('makes cassettes of %s that can be asked again', async (file, source, imported, refused) => {
    const store = memoryStore()
    const result = await importExport(exported(file), { store })
    expect(result).toMatchObject({ source, imported: { length: imported }, refused: { length: refused } })
    const { rows } = await migrate({
      store,
      corpusName: 'corpus',
      target: { model: 'gpt-5', provider: 'openai' },
      answers: recordedAnswers(store, 'gpt-5'),
      comparators: [],
      generatedAt: '2026-03-02T08:00:00.000Z',
    })
    expect(rows).toHaveLength(imported)
    for (const { baseline, reason } of rows) {
      expect(baseline?.text || baseline?.toolCalls.length).toBeTruthy()
      expect(reason).toBe('its answer is not recorded; agent-stream migrate asks for it')
    }
  })

  it('keeps what the report shows: answer, tools, tokens, times, category', async () => {
    const store = memoryStore()
    await importExport(exported('langsmith.jsonl'), { store, category: 'other' })
    const cassettes = []
    for await (const entry of store.entries()) if (entry.type === 'cassette') cassettes.push(entry.cassette)
    expect(cassettes.map(({ id, metadata }) => [id, metadata])).toEqual([
      [
        'imported__langsmith__run-completion',
        { imported: true, imported_from: 'langsmith', model: 'gpt-3.5-turbo-instruct', category: 'other' },
      ],
      [
        'imported__langsmith__run-lc',
        {
          imported: true,
          imported_from: 'langsmith',
          imported_provider: 'openai',
          model: 'gpt-4o-mini',
          category: 'lookup',
        },
      ],
      [
        'imported__langsmith__run-wrapped',
        { imported: true, imported_from: 'langsmith', model: 'gpt-4o', category: 'other' },
      ],
    ])
    const { rows } = await migrate({
      store,
      corpusName: 'corpus',
      target: { model: 'gpt-5', provider: 'openai' },
      answers: recordedAnswers(store, 'gpt-5'),
      comparators: [],
      generatedAt: '2026-03-02T08:00:00.000Z',
    })
    expect(rows[1]?.baseline).toMatchObject({
      model: 'gpt-4o-mini',
      toolCalls: [{ name: 'lookup', arguments: { who: 'Ada' } }],
      inputTokens: 40,
      outputTokens: 12,
      latencyMs: 2000,
    })
    // The end of this one is not known.
    expect(rows[0]?.baseline).toMatchObject({ text: ' there was a fox.', latencyMs: null })
  })

  it('keeps no secret that the export has', async () => {
    const store = memoryStore()
    const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123'
    const record = {
      id: 'a',
      type: 'GENERATION',
      traceId: 't',
      model: 'gpt-4o',
      input: secret,
      output: secret,
    }
    await importExport(JSON.stringify(record), { store })
    const cassette = await store.read({ id: 'imported__langfuse__a', occurrence: 1 })
    const bytes = [cassette?.exchange.request.body, cassette?.exchange.chunks[0]?.bytes]
    for (const part of bytes) expect(Buffer.from(part ?? []).toString()).toContain('[REDACTED')
    for (const part of bytes) expect(Buffer.from(part ?? []).toString()).not.toContain(secret)
  })
})
