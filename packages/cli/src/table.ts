import stringWidth from 'string-width'

import { printable } from './terminal.ts'

export interface Column {
  readonly title: string
  /** Numbers stand right. Default left. */
  readonly align?: 'left' | 'right'
}

/** Lines of columns, two spaces apart. The last column is as long as it is. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))]
  const widths = columns.map((_, place) =>
    cells.reduce((width, row) => Math.max(width, stringWidth(row[place] ?? '')), 0),
  )
  return cells.map((row) => `${tableLine(columns, widths, row)}\n`).join('')
}

function tableLine(columns: readonly Column[], widths: readonly number[], row: readonly string[]): string {
  const padded = columns.map(({ align }, place) => {
    const cell = row[place] ?? ''
    const space = ' '.repeat((widths[place] as number) - stringWidth(cell))
    return align === 'right' ? space + cell : cell + space
  })
  return padded.join('  ').trimEnd()
}
