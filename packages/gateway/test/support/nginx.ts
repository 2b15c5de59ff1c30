import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** An nginx of one's own. */
export interface Nginx {
  readonly url: string
  /** Ends it and removes its folder. */
  dispose(): Promise<void>
}

const START_MS = 20_000

/** Starts nginx as a reverse proxy before `upstream`. `directives` go into its location. */
export async function startNginx(upstream: string, directives = ''): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-nginx-'))
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, upstream, directives))
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
  const child = spawn(nginxPath(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  // Who ends without a word leaves none behind.
  const killNow = () => child.kill('SIGKILL')
  process.on('exit', killNow)
  await answering(child, port)
  return {
    url: `http://127.0.0.1:${port}`,
    async dispose() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      process.off('exit', killNow)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Debian keeps it where only root's PATH looks. */
function nginxPath(): string {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    const path = join(folder, 'nginx')
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this one.
    }
  }
  throw new Error('These tests need nginx (Debian: apt-get install nginx-light)')
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  for (let leftMs = START_MS; ; leftMs -= 10) {
    if (child.exitCode !== null || leftMs <= 0) throw new Error(`nginx did not start:\n${said}`)
    if (await isOpen(port)) return
    await wait(10)
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function configuration(folder: string, port: number, upstream: string, directives: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n  ')
  return `
daemon off;
master_process off;
worker_processes 1;
error_log stderr error;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass ${upstream};
      ${directives}
    }
  }
}
`
}
