/** Which pages of other origins may use the server. */
export interface CorsOptions {
  /** Origins like `https://app.example.com`, or `*` for all (then without credentials). */
  readonly origins: '*' | readonly string[]
  /** Whether browsers may send cookies. Default false. */
  readonly credentials?: boolean
  /** Request headers of the application's own. The client's are allowed anyway. */
  readonly headers?: readonly string[]
}

const CLIENT_HEADERS = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID']
/** What the client reads beyond what pages may read of any answer. */
const EXPOSED_HEADERS = 'Content-Location, Retry-After'
const MAX_AGE_S = 7200

/** Throws `TypeError` for what browsers would refuse, or would read otherwise than it was meant. */
export function checkCors({ origins, credentials }: CorsOptions): void {
  if (origins === '*' && credentials) {
    throw new TypeError('cors: credentials need a list of origins; got "*"')
  }
  for (const origin of origins === '*' ? [] : origins) {
    if (URL.parse(origin)?.origin === origin || origin === 'null') continue
    throw new TypeError(`cors: expected origins like "https://app.example.com", got "${origin}"`)
  }
}

/** Whether the request only asks what may be asked. */
export function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
}

export function preflightAnswer({ headers = [] }: CorsOptions): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': [...CLIENT_HEADERS, ...headers].join(', '),
      'Access-Control-Max-Age': String(MAX_AGE_S),
    },
  })
}

/** Puts on an answer what lets the asking page read it. */
export function allowOrigin(response: Response, request: Request, options: CorsOptions): Response {
  const { origins, credentials } = options
  const origin = request.headers.get('origin')
  if (origins !== '*') response.headers.append('Vary', 'Origin')
  if (origin === null || (origins !== '*' && !origins.includes(origin))) return response
  response.headers.set('Access-Control-Allow-Origin', origins === '*' ? '*' : origin)
  response.headers.set('Access-Control-Expose-Headers', EXPOSED_HEADERS)
  if (credentials) response.headers.set('Access-Control-Allow-Credentials', 'true')
  return response
}
