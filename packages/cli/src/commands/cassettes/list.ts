import type { Command } from 'commander'

import { openCassettes, readCassettes } from '../../cassette-folder.ts'
import { type CassetteRow, cassetteRow } from '../../cassette-row.ts'
import { countText, durationText } from '../../duration-text.ts'
import type { ExitCode, Shell } from '../../shell.ts'
import { type Column, table } from '../../table.ts'

export function listCommand(command: Command): Command {
  return command
    .summary('list the recorded calls of a folder')
    .description('Lists the cassettes of a folder: whom they asked, how they ended, what they took.')
    .argument('<folder>', 'a folder of cassettes')
    .option('--json', 'one JSON object a cassette')
}

const COLUMNS: readonly Column[] = [
  { title: 'RECORDED' },
  { title: 'STATUS', align: 'right' },
  { title: 'END' },
  { title: 'CHUNKS', align: 'right' },
  { title: 'FIRST', align: 'right' },
  { title: 'TOOK', align: 'right' },
  { title: 'CASSETTE' },
]

export async function listCassettes(
  folder: string,
  { json }: { readonly json?: boolean },
  { terminal }: Shell,
): Promise<ExitCode> {
  const store = await openCassettes(folder)
  const rows: CassetteRow[] = []
  let problems = 0
  const onProblem = ({ message }: { readonly message: string }) => {
    problems++
    terminal.warn(message)
  }
  for await (const cassette of readCassettes(store, terminal, onProblem)) {
    const row = await cassetteRow(cassette)
    if (json) await terminal.print(`${JSON.stringify(row)}\n`)
    else rows.push(row)
  }
  if (!json) await terminal.print(rows.length > 0 ? table(COLUMNS, rows.map(cells)) : 'no cassettes\n')
  return problems > 0 ? 1 : 0
}

function cells(row: CassetteRow): readonly string[] {
  return [
    row.recorded_at.slice(0, 19),
    String(row.status ?? '-'),
    row.end,
    countText(row.chunks),
    durationText(row.first_chunk_ms),
    durationText(row.duration_ms),
    row.name,
  ]
}
