import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type Cassette, CassetteError, fileStore } from '../../src/index.ts'
import { cassetteText, parseCassette } from '../../src/store/cassette-json.ts'
import { all, plain, someCassette, someExchange, someRequest } from '../support/exchanges.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function writtenAndRead(cassette: Cassette): Promise<Cassette | undefined> {
  const store = fileStore(folder)
  const ref = await store.write(cassette)
  return ref && store.read(ref)
}

describe('a file of fileStore', () => {
  it('is read from top to bottom, a chunk a line', async () => {
    const emoji = Buffer.from('data: {"content":"😀"}\n\n')
    const exchange = someExchange([emoji.subarray(0, 20), emoji.subarray(20), 'data: [DONE]\n\n'])
    await fileStore(folder).write(someCassette({ exchange, metadata: { category: 'greeting' } }))
    expect(readFileSync(join(folder, 'openai_gpt-4o_0123456789abcdef.json'), 'utf8')).toBe(`{
  "cassette": 2,
  "id": "openai_gpt-4o_0123456789abcdef",
  "occurrence": 1,
  "recorded_at": "2026-06-11T12:07:30.901Z",
  "metadata": {
    "category": "greeting"
  },
  "request": {
    "method": "POST",
    "url": "https://api.openai.com/v1/chat/completions",
    "headers": {
      "content-type": "application/json"
    },
    "body": {
      "json": {
        "model": "gpt-4o",
        "messages": [
          {
            "role": "user",
            "content": "Hi"
          }
        ],
        "stream": true
      }
    }
  },
  "response": {
    "status": 200,
    "status_text": "OK",
    "at_ms": 5,
    "url": "https://api.openai.com/v1/chat/completions",
    "headers": {
      "content-type": "text/event-stream; charset=utf-8"
    }
  },
  "chunks": [
    {"at_ms":10,"text":"data: {\\"content\\":\\"","tail":"f09f"},
    {"at_ms":20,"head":"9880","text":"\\"}\\n\\n"},
    {"at_ms":30,"text":"data: [DONE]\\n\\n"}
  ],
  "end": {"type":"complete","at_ms":30}
}
`)
  })

  it('may be read by its owner alone', async () => {
    await fileStore(folder).write(someCassette())
    const [name = ''] = readdirSync(folder)
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('keeps every byte, however chunks cut it', () => {
    const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 12 }), cutText()), { maxLength: 8 })
    fc.assert(
      fc.property(pieces, (chunks) => {
        const cassette = someCassette({ exchange: someExchange(chunks) })
        const { exchange } = parseCassette(JSON.parse(cassetteText(cassette)))
        expect(plain(exchange.chunks)).toEqual(plain(cassette.exchange.chunks))
      }),
    )
  })

  it.each([
    ['JSON that is spaced', '{ "model": "m" }'],
    ['a number that is not JavaScript’s', '{"seed":12345678901234567890,"t":1.0}'],
    ['keys that JavaScript orders anew', '{"b":1,"2":2,"1":3}'],
    ['equal keys', '{"a":1,"a":2}'],
    ['a key that is no field', '{"__proto__":{"x":1}}'],
    ['text', 'model=m'],
    ['bytes', new Uint8Array([0xff, 0, 0xc3])],
    ['nothing', ''],
  ])('keeps a request’s body as it was: %s', async (_, body) => {
    const request = someRequest({ body: Buffer.from(body) })
    const read = await writtenAndRead(someCassette({ exchange: someExchange([], { request }) }))
    expect(plain(read?.exchange.request.body)).toEqual([...Buffer.from(body)])
  })

  it('keeps headers that came more than once', async () => {
    const headers = [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x', 'y'],
    ] as const
    const response = { ...someExchange().response, headers } as NonNullable<Cassette['exchange']['response']>
    const read = await writtenAndRead(someCassette({ exchange: someExchange([], { response }) }))
    expect(read?.exchange.response?.headers).toEqual(headers)
  })

  it.each([
    { type: 'complete', atMs: 1.5 },
    { type: 'truncated', atMs: 2, reason: 'no_end_marker' },
    { type: 'aborted', atMs: 3, where: 'response' },
    { type: 'error', atMs: 4, where: 'request', message: 'fetch failed (ECONNREFUSED)' },
  ] as const)('keeps how it ended: $type', async (end) => {
    const read = await writtenAndRead(someCassette({ exchange: someExchange([], { end }) }))
    expect(read?.exchange.end).toEqual(end)
  })
})

/** Text whose bytes are cut anywhere. */
function cutText(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.array(fc.constantFrom('a', '\n', '"', '\uFEFF', 'é', '日', '😀'), { maxLength: 5 }),
      fc.nat(4),
      fc.nat(4),
    )
    .map(([letters, from, to]) => {
      const bytes = Buffer.from(letters.join(''))
      return bytes.subarray(from, Math.max(from, bytes.length - to))
    })
}

describe('fileStore', () => {
  it('reports what is torn, foreign or left over, and reads the rest', async () => {
    const store = fileStore(folder, { maxFileBytes: 100_000 })
    await store.write(someCassette())
    const whole = readFileSync(join(folder, `${someCassette().id}.json`), 'utf8')
    writeFileSync(join(folder, 'torn_1.json'), whole.slice(0, 300))
    writeFileSync(join(folder, 'torn_2.json'), whole.replace('"occurrence": 1', '"occurrence": "1"'))
    writeFileSync(join(folder, 'future.json'), whole.replace('"cassette": 2', '"cassette": 3'))
    writeFileSync(join(folder, 'foreign.json'), '{"name": "package"}')
    writeFileSync(join(folder, 'list.json'), '[]')
    writeFileSync(join(folder, 'empty.json'), '')
    writeFileSync(join(folder, 'large.json'), `"${'x'.repeat(100_000)}"`)
    writeFileSync(join(folder, '.x.json.0b7a.tmp'), '{')
    writeFileSync(join(folder, 'README.md'), 'Recordings')
    mkdirSync(join(folder, 'folder.json'))
    const entries = await all(store.entries())
    expect(entries.filter(({ type }) => type === 'cassette')).toHaveLength(1)
    const problems = entries.flatMap((entry) =>
      entry.type === 'problem' ? [[entry.problem.name, entry.problem.code]] : [],
    )
    expect(Object.fromEntries(problems)).toEqual({
      '.x.json.0b7a.tmp': 'leftover',
      'empty.json': 'torn',
      'foreign.json': 'foreign',
      'future.json': 'foreign',
      'large.json': 'too_large',
      'list.json': 'foreign',
      'torn_1.json': 'torn',
      'torn_2.json': 'torn',
    })
  })

  it('says what is wrong with a cassette that it is asked for', async () => {
    writeFileSync(join(folder, 'a.json'), '{"cassette": 2}')
    const read = fileStore(folder).read({ id: 'a', occurrence: 1 })
    await expect(read).rejects.toThrow(CassetteError)
    await expect(read).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('"recorded_at"'),
    })
  })

  it('replaces what a process was killed while it replaced, a minute later', async () => {
    const store = fileStore(folder)
    await store.write(someCassette({ id: 'a' }))
    const old = readFileSync(join(folder, 'a.json'))
    const claim = join(folder, `.a.json.${createHash('sha256').update(old).digest('hex').slice(0, 16)}.claim`)
    writeFileSync(claim, '')
    const replaces = () => true
    const fresh = someCassette({ id: 'a', metadata: { n: 2 } })
    expect(await store.write(fresh, { replaces })).toMatchObject({ occurrence: 2 })
    utimesSync(claim, new Date(0), new Date(0))
    expect(await store.write(fresh, { replaces })).toMatchObject({ occurrence: 1 })
    expect(readdirSync(folder)).toEqual(['a.json', 'a~2.json'])
  })

  it('leaves alone what another version of it has written', async () => {
    const store = fileStore(folder)
    await store.write(someCassette({ id: 'a' }))
    const path = join(folder, 'a.json')
    const newer = readFileSync(path, 'utf8').replace('"cassette": 2', '"cassette": 3')
    writeFileSync(path, newer)
    await expect(store.read({ id: 'a', occurrence: 1 })).rejects.toThrow(
      'a.json: its layout is 3; this version reads 2: update @agent-stream/cassette',
    )
    expect(await store.write(someCassette({ id: 'a' }), { replaces: () => true })).toMatchObject({
      occurrence: 2,
    })
    expect(readFileSync(path, 'utf8')).toBe(newer)
  })

  it('does not take the file of another id for its own', async () => {
    await fileStore(folder).write(someCassette({ id: 'a' }))
    writeFileSync(join(folder, 'b.json'), readFileSync(join(folder, 'a.json')))
    expect(await fileStore(folder).read({ id: 'b', occurrence: 1 })).toBeUndefined()
  })

  it('sees what others write', async () => {
    const [mine, theirs] = [fileStore(folder), fileStore(folder)]
    expect(await mine.occurrences('a')).toEqual([])
    await theirs.write(someCassette({ id: 'a' }))
    expect(await mine.occurrences('a')).toEqual([1])
    await theirs.write(someCassette({ id: 'a' }))
    expect(await mine.occurrences('a')).toEqual([1, 2])
  })

  it('refuses options that are none', () => {
    // What a caller without types may give.
    expect(() => fileStore(folder, { layout: 'yaml' as 'json' })).toThrow(
      'The layout is "yaml"; expected "json" or "agentrec"',
    )
  })
})
