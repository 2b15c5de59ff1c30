/** Whether a `Content-Type` says so (RFC 9110, section 8.3.1), whatever its parameters and its case. */
export function isEventStream(contentType: string | undefined): boolean {
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(contentType ?? '')
}
