/** A message's data as a recording has it: JSON, where it is. */
export function parsedData(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
