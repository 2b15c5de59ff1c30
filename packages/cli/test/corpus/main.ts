/** Writes a recording of made-up sessions: `pnpm run corpus --sessions 100000 --tokens 82 --out corpus.jsonl`. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'

import { corpusOf } from './corpus.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100000' },
    tokens: { type: 'string', default: '82' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'corpus.jsonl' },
  },
})
const corpus = corpusOf({
  sessions: Number(values.sessions),
  tokens: Number(values.tokens),
  seed: Number(values.seed),
})
await pipeline(Readable.from(corpus), createWriteStream(values.out))
