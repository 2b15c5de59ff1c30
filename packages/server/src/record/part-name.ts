import { basename, dirname, extname, join } from 'node:path'

/**
 * The file of a recording: `runs.jsonl`, then `runs.2.jsonl`; with a day `runs.2026-01-02.jsonl`, then
 * `runs.2026-01-02.2.jsonl`.
 */
export function partPath(path: string, part: number, day: string | undefined): string {
  const extension = extname(path)
  const name = [basename(path, extension), ...(day ? [day] : []), ...(part > 1 ? [String(part)] : [])]
  return join(dirname(path), name.join('.') + extension)
}

/** The number of the last file that there is; 1 if there is none. */
export function lastPart(path: string, day: string | undefined, names: readonly string[]): number {
  const extension = extname(path)
  const start = `${basename(path, extension)}.${day ? `${day}.` : ''}`
  let last = 1
  for (const name of names) {
    if (!name.startsWith(start) || !name.endsWith(extension)) continue
    const number = name.slice(start.length, name.length - extension.length)
    if (/^[1-9]\d{0,8}$/.test(number)) last = Math.max(last, Number(number))
  }
  return last
}
