/** Something in a response's headers that explains or invites buffering. */
export interface Advice {
  /** What was seen, or is missing. */
  readonly seen: string
  readonly change: string
}

/** Those between, by the header that gives them away. */
const INTERMEDIARIES: readonly (readonly [header: string, name: string, change: string])[] = [
  ['cf-ray', 'Cloudflare', 'no-transform in Cache-Control turns its compression off'],
  ['x-amz-cf-id', 'CloudFront', 'use a cache policy without compression for this path'],
  ['x-amz-apigw-id', 'AWS API Gateway', 'it collects answers unless response streaming is on'],
  ['x-vercel-id', 'Vercel', 'the function must return a stream; check its runtime and its time limit'],
  ['fly-request-id', 'Fly.io', 'it passes streams on; look behind it'],
  ['x-served-by', 'Fastly or Varnish', 'switch streaming on for this path (beresp.do_stream)'],
  ['x-envoy-upstream-service-time', 'Envoy', 'take the buffer filter off this route'],
]

/** What in these headers may hold a stream back, and what to do about it. The likeliest first. */
export function bufferingAdvice(headers: Pick<Headers, 'get' | 'has'>): Advice[] {
  const encoding = headers.get('content-encoding')
  const control = headers.get('cache-control') ?? ''
  const server = headers.get('server') ?? ''
  const advice: (Advice | false)[] = [
    encoding !== null && {
      seen: `Content-Encoding: ${encoding}`,
      change: 'compression waits until a block is full: turn it off for text/event-stream',
    },
    headers.has('content-length') && {
      seen: 'a Content-Length',
      change:
        'the answer was read to its end before it was sent: look for a middleware or proxy that collects it',
    },
    headers.get('x-accel-buffering') !== 'no' && {
      seen: 'no X-Accel-Buffering: no',
      change: `have the server send it${/nginx/i.test(server) ? '' : ' (for nginx)'}, or set proxy_buffering off in nginx`,
    },
    !/no-transform/i.test(control) && {
      seen: 'no Cache-Control: no-transform',
      change: 'have the server send "Cache-Control: no-cache, no-transform": proxies then do not compress',
    },
    ...INTERMEDIARIES.map(
      ([header, name, change]) => headers.has(header) && { seen: `${name} (${header})`, change },
    ),
    headers.has('via') && {
      seen: `Via: ${headers.get('via')}`,
      change: 'a proxy is on the way: look at its settings',
    },
  ]
  return advice.filter((each) => each !== false)
}

/** Headers that say something about the way of a stream. */
export const TELLING_HEADERS: readonly string[] = [
  'content-type',
  'cache-control',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'x-accel-buffering',
  'server',
  'via',
  ...INTERMEDIARIES.map(([header]) => header),
]
