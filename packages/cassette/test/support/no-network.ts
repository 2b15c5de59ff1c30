import dns from 'node:dns'
import net from 'node:net'
import tls from 'node:tls'

/** Makes every attempt to reach a network throw, and counts it. `restore` ends that. */
export function cutNetwork(): { readonly attempts: readonly string[]; restore(): void } {
  const attempts: string[] = []
  const refuse = (what: string) => () => {
    attempts.push(what)
    throw new Error(`${what}: the network is cut`)
  }
  const patched = [
    [net.Socket.prototype, 'connect'],
    [net, 'connect'],
    [net, 'createConnection'],
    [tls, 'connect'],
    [dns, 'lookup'],
  ] as const
  const originals = patched.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name))
  for (const [owner, name] of patched) {
    Object.defineProperty(owner, name, { value: refuse(name), configurable: true, writable: true })
  }
  return {
    attempts,
    restore() {
      for (const [i, [owner, name]] of patched.entries()) {
        const original = originals[i]
        if (original) Object.defineProperty(owner, name, original)
      }
    },
  }
}
