import { parse } from 'csv-parse/sync'

import { CommandFailure } from './failure.ts'

/** The categories in a CSV file, by the ids of cassettes. `path` is for messages. */
export function categoriesInCsv(text: string, path: string): ReadonlyMap<string, string> {
  let records: Record<string, string>[]
  try {
    records = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (error) {
    throw new CommandFailure(`${path}: ${(error as Error).message}`, 2)
  }
  const columns = Object.keys(records[0] ?? {})
  if (!columns.includes('id') || !columns.includes('category')) {
    throw new CommandFailure(
      `${path}: the columns are ${columns.join(', ') || 'none'}; expected id and category`,
      2,
    )
  }
  return new Map(
    records.map(({ id = '', category = '' }) => [id, category] as const).filter(([, name]) => name !== ''),
  )
}
