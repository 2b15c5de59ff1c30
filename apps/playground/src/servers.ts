interface ServersState {
  readonly log: 'file' | 'redis'
  readonly servers: readonly ServerState[]
}

interface ServerState {
  readonly port: number
  readonly pid: number | null
}

const LOGS = { file: 'log in a file', redis: 'log in Redis' }

/** The servers behind the page, as their front tells of them. */
export class Servers {
  #state: ServersState = { log: 'file', servers: [] }

  async load(): Promise<void> {
    this.#state = await (await fetch('/api/servers')).json()
  }

  /** Kills a server (from 1) as a crash would; resolves with the milliseconds until another one was up. */
  async kill(server: number): Promise<number> {
    const beganMs = performance.now()
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`/api/servers/${server}/kill`, { method: 'POST', headers, body: '{}' })
    if (!response.ok) throw new Error((await response.json()).message)
    this.#state = await response.json()
    return performance.now() - beganMs
  }

  /** The address of a server; empty for the one that the page came from. */
  originOf(server: number): string {
    const port = this.#state.servers[server - 1]?.port
    return port === undefined || String(port) === location.port
      ? ''
      : `${location.protocol}//${location.hostname}:${port}`
  }

  /** The one that a second window is to use: another one, where there is another. */
  otherThan(server: number): number {
    return this.#state.servers.length > 1 ? (server % this.#state.servers.length) + 1 : server
  }

  /** `more`: what there is to say instead of where its log is. */
  describe(server: number, more = `with its ${LOGS[this.#state.log]}`): string {
    const { pid } = this.#state.servers[server - 1] ?? { pid: null }
    const name = this.#state.servers.length > 1 ? `Server ${server}` : 'The server'
    return pid === null ? `${name} is down.` : `${name} is process ${pid}, ${more}.`
  }
}
