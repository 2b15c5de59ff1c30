/** What a `Content-Type` says (RFC 9110, section 8.3.1), without its parameters and in lower case. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const [, type] = /^\s*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)\s*(?:;|$)/.exec(contentType ?? '') ?? []
  return type?.toLowerCase()
}

export function isEventStream(contentType: string | undefined): boolean {
  return mediaTypeOf(contentType) === 'text/event-stream'
}

export function isJson(contentType: string | undefined): boolean {
  return /[/+]json$/.test(mediaTypeOf(contentType) ?? '')
}
