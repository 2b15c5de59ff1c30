import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The files of the dashboard, as they are served. */
export interface Asset {
  readonly type: string
  readonly body: string
}

const OWN = {
  '/debug/': ['dashboard.html', 'text/html; charset=utf-8'],
  '/debug/dashboard.css': ['dashboard.css', 'text/css; charset=utf-8'],
  '/debug/dashboard.js': ['dashboard.js', 'text/javascript; charset=utf-8'],
} as const

const OF_UPLOT = {
  '/debug/uplot.css': ['uplot/dist/uPlot.min.css', 'text/css; charset=utf-8'],
  '/debug/uplot.js': ['uplot/dist/uPlot.iife.min.js', 'text/javascript; charset=utf-8'],
} as const

/** The file at this path of the gateway; read when it is asked for. */
export function assetAt(path: string): Asset | undefined {
  if (Object.hasOwn(OWN, path)) {
    const [name, type] = OWN[path as keyof typeof OWN]
    return { type, body: readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8') }
  }
  if (!Object.hasOwn(OF_UPLOT, path)) return undefined
  const [file, type] = OF_UPLOT[path as keyof typeof OF_UPLOT]
  return { type, body: readFileSync(createRequire(import.meta.url).resolve(file), 'utf8') }
}
