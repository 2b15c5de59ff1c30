/** How all lines of a recording begin. */
const BEGINNINGS = ['{"t": ', '{"session": ', '{"t":', '{"session":']

/**
 * What is to be done about a last line without a line end. A torn one is cut off, since the original recorder's tools
 * cannot read a file that has one. What is whole, or no line of a recording, is only ended.
 */
export function repairOf(line: string): 'end' | 'cut' {
  const isOurs = BEGINNINGS.some((beginning) => line.startsWith(beginning) || beginning.startsWith(line))
  return isOurs && !isJson(line) ? 'cut' : 'end'
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
