/** Where calls go. */
export interface TargetOptions {
  /** An API's address: `https://api.openai.com`, or with a path that stands before each call's own. */
  readonly url: string
  /** The path that leads there, which the API does not see: `/openai`. Default: every path that no other target has. */
  readonly prefix?: string
  /** What it is called in measurements and recordings. Default: the prefix without its slashes, or the host. */
  readonly name?: string
}

export interface Target {
  readonly name: string
  /** `https://api.openai.com` */
  readonly origin: string
  /** Without a slash at its end. */
  readonly basePath: string
  /** The same. */
  readonly prefix: string
}

/** A call's place. */
export interface Destination {
  readonly target: Target
  /** What the API is asked for: path and query. */
  readonly path: string
}

/** Throws `TypeError` for addresses and prefixes that are none, or that meet. */
export function createTargets(targets: readonly TargetOptions[]): readonly Target[] {
  const checked = targets.map(createTarget)
  for (const [i, { prefix }] of checked.entries()) {
    if (checked.findIndex((other) => other.prefix === prefix) < i)
      throw new TypeError(`Two targets have the prefix "${prefix || '/'}"; expected one for each`)
  }
  // The longest prefix is the closest.
  return checked.sort((a, b) => b.prefix.length - a.prefix.length)
}

function createTarget({ url, prefix = '', name }: TargetOptions): Target {
  const address = URL.parse(url)
  if (!address || !/^https?:$/.test(address.protocol) || address.host === '')
    throw new TypeError(
      `The target is "${withoutSecrets(url)}"; expected an address like https://api.openai.com`,
    )
  if (address.username || address.password)
    throw new TypeError(
      `The target ${address.host} has a user or a password in its address; send it in a header`,
    )
  if (address.search || address.hash)
    throw new TypeError(
      `The target ${address.host} has a query or a fragment; expected origin and path alone`,
    )
  if (prefix !== '' && !/^(?:\/[\w.~-]+)+\/?$/.test(prefix))
    throw new TypeError(`The prefix is "${prefix}"; expected a path like /openai`)
  const ownPrefix = prefix.replace(/\/$/, '')
  return {
    name: name ?? (ownPrefix.slice(1).replaceAll('/', '-') || address.host),
    origin: address.origin,
    basePath: address.pathname.replace(/\/$/, ''),
    prefix: ownPrefix,
  }
}

/**
 * Where a request goes, by its request target. Only the path chooses among the configured targets: an authority in it
 * (`http://other/`, `//other/`) is never followed. Undefined for what is no path, or is no target's.
 */
export function destinationOf(requestTarget: string, targets: readonly Target[]): Destination | undefined {
  const path = pathOf(requestTarget)
  if (path === undefined) return undefined
  const target = targets.find(
    ({ prefix }) => path.startsWith(prefix) && /^(?:[/?]|$)/.test(path.slice(prefix.length)),
  )
  if (!target) return undefined
  const own = path.slice(target.prefix.length)
  const { basePath, prefix } = target
  // Else the path could leave the target's own.
  if ((basePath !== '' || prefix !== '') && hasDotSegments(own)) return undefined
  return { target, path: `${basePath}${own.startsWith('/') ? '' : '/'}${own}` }
}

/** Path and query of a request target, also of one in absolute form (RFC 9112, section 3.2.2). */
export function pathOf(requestTarget: string): string | undefined {
  const absolute = /^https?:\/\/[^/?#]*/i.exec(requestTarget)
  const path = absolute ? requestTarget.slice(absolute[0].length) || '/' : requestTarget
  if (absolute && path.startsWith('?')) return `/${path}`
  return path.startsWith('/') ? path : undefined
}

function hasDotSegments(path: string): boolean {
  return /(?:^|[/\\])(?:\.|%2e){1,2}(?=$|[/\\?])/i.test(path)
}

/** For an error message. */
function withoutSecrets(url: string): string {
  return String(url)
    .replace(/[?#].*$/s, '')
    .replace(/^(\w+:)?(\/\/)?[^/]*@/, '$1$2')
}
