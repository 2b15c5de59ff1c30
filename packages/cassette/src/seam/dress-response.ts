/** What a constructor cannot set of a response. */
export interface ResponseFacts {
  readonly url: string
  readonly redirected: boolean
  readonly type: ResponseType
}

/** Makes a response look as if it came from the network; its clones, too. */
export function dressResponse(response: Response, facts: ResponseFacts): Response {
  const clone = () => dressResponse(Response.prototype.clone.call(response), facts)
  const { url, redirected, type } = facts
  for (const [key, value] of Object.entries({ url, redirected, type, clone })) {
    Object.defineProperty(response, key, { value, configurable: true })
  }
  return response
}

/** Statuses whose responses have no body, by the Fetch standard. */
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304])

export function hasNoBody(status: number): boolean {
  return NULL_BODY.has(status)
}
