import { fileStore } from '../../src/index.ts'
import { someCassette, someExchange } from './exchanges.ts'

const [folder = '', name = '', mode = ''] = process.argv.slice(2)
const store = fileStore(folder, { fsync: false })
const startedAt = `${name === 'old' ? '2020' : '2026'}-01-01T00:00:00.000Z`
const isOld = ({ exchange }: ReturnType<typeof someCassette>) => exchange.startedAt < '2021'

/** Answers to three questions, 20 each. In `replace` their places are those that the old ones have. */
async function write(i: number): Promise<void> {
  const exchange = someExchange([JSON.stringify(`${name}${i}`), 'x'.repeat(20_000)], { startedAt })
  const occurrence = mode === 'replace' ? Math.floor(i / 3) + 1 : 1
  const cassette = someCassette({ id: `q${i % 3}`, occurrence, exchange })
  await store.write(cassette, mode === 'replace' ? { replaces: isOld } : {})
  if (mode === 'until killed' && i === 20) process.send?.('busy')
}

if (mode === 'until killed') {
  for (let i = 0; ; i += 4) await Promise.all([i, i + 1, i + 2, i + 3].map(write))
} else {
  await Promise.all(Array.from({ length: 60 }, (_, i) => write(i)))
  process.disconnect()
}
