import { describeRecordings } from '../../src/vitest.ts'

const { RECORDINGS: cwd } = process.env
if (cwd === undefined) throw new Error('RECORDINGS: the folder of the recordings is missing')

describeRecordings('**/*.jsonl', { cwd })
