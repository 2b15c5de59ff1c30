/** What the playground is started with: its arguments and its environment. */
export interface Settings {
  readonly hostname: string
  /** `undefined`: the default port, or any free one where that is taken. */
  readonly port: number | undefined
  /** Where the log is: a Redis that is there, one that is started, or a file. */
  readonly redis: { readonly url: string } | 'start' | undefined
  /** Where what is kept is kept; `undefined`: in a folder that is removed at the end. */
  readonly stateFolder: string | undefined
}

/** Throws an `Error` that says what was given and what was wanted. */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const unknown = args.find((arg) => arg !== '--redis')
  if (unknown !== undefined) throw new Error(`"${unknown}" is not known; there is --redis.`)
  const { REDIS_URL: url, REDIS } = env
  const isRedis = args.includes('--redis') || !['', '0', undefined].includes(REDIS)
  return {
    hostname: env.HOST || '127.0.0.1',
    port: readPort(env.PORT),
    redis: isRedis ? (url ? { url: readRedisUrl(url) } : 'start') : undefined,
    stateFolder: env.STATE_DIR || undefined,
  }
}

function readPort(asked: string | undefined): number | undefined {
  if (!asked) return undefined
  const port = Number(asked)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Error(`PORT is "${asked}"; give a number from 0 to 65535 (0: any free one).`)
}

/** The URL may hold a password: it is not repeated. */
function readRedisUrl(url: string): string {
  if (/^rediss?:$/.test(URL.parse(url)?.protocol ?? '')) return url
  throw new Error('REDIS_URL is no URL of a Redis; give one like redis://127.0.0.1:6379.')
}
