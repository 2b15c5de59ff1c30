import { fileStore } from '@agent-stream/cassette'

import { sampleCalls, sampleCassette } from '../../cassette/test/migrate/sample-corpus.ts'
import { temporaryFolder } from './recording-folder.ts'

/** A folder with so many recorded prompts, removed after the test. */
export async function corpusOf(count: number): Promise<string> {
  const folder = temporaryFolder()
  const store = fileStore(folder, { fsync: false })
  for (const call of sampleCalls(count)) await store.write(sampleCassette(call))
  return folder
}
