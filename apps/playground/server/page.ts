import { fileURLToPath } from 'node:url'
import { build } from 'vite'

interface PageFile {
  readonly content: string | Uint8Array<ArrayBuffer>
  readonly contentType: string
}

/** The page's files by their path, `/index.html` among them. */
export type Page = ReadonlyMap<string, PageFile>

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Builds the page in memory: nothing is left on disk that could be out of date at the next start. */
export async function buildPage(): Promise<Page> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const built = await build({ root, logLevel: 'warn', build: { write: false } })
  if (!('output' in built)) throw new Error('buildPage: Vite gave no single output')
  return new Map(
    built.output.map((file) => {
      const content = file.type === 'chunk' ? file.code : file.source
      const extension = file.fileName.replace(/^.*\./, '')
      // Vite's own bytes never share their memory with another thread.
      const bytes = content as string | Uint8Array<ArrayBuffer>
      return [
        `/${file.fileName}`,
        { content: bytes, contentType: TYPES[extension] ?? 'application/octet-stream' },
      ]
    }),
  )
}
