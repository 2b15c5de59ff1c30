/** What an error says, and what it says of its cause, in one line. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { name, message, cause } = error
  const text = message === '' ? name : `${name}: ${message}`
  return cause === undefined || cause === error ? text : `${text} (${shortText(cause)})`
}

function shortText(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
