import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import {
  type MigrationReport,
  renderHtml,
  renderJson,
  renderJunit,
  renderMarkdown,
} from '@agent-stream/cassette/migration'

import { CommandFailure } from './failure.ts'
import { reasonOf } from './system-error.ts'

export const REPORT_FORMATS = ['md', 'html', 'json', 'junit', 'console', 'both', 'all'] as const

export type ReportFormat = (typeof REPORT_FORMATS)[number]

type FileFormat = 'md' | 'html' | 'json' | 'junit'

const FILES: Readonly<Record<ReportFormat, readonly FileFormat[]>> = {
  md: ['md'],
  html: ['html'],
  json: ['json'],
  junit: ['junit'],
  console: [],
  both: ['md', 'html'],
  all: ['md', 'html', 'json', 'junit'],
}

const EXTENSIONS: Readonly<Record<FileFormat, string>> = {
  md: '.md',
  html: '.html',
  json: '.json',
  junit: '.junit.xml',
}

const RENDERERS = { md: renderMarkdown, html: renderHtml, json: renderJson, junit: renderJunit } as const

export interface ReportFileOptions {
  readonly format: ReportFormat
  /** The files' name without its extension; that of a format is taken off. */
  readonly out?: string
  /** Where they go if they have no name. */
  readonly outDir: string
  readonly maxDetailRows: number
}

/** Writes the report; resolves to the paths. */
export async function writeReports(
  report: MigrationReport,
  { format, out, outDir, maxDetailRows }: ReportFileOptions,
): Promise<readonly string[]> {
  const base = out?.replace(/\.(?:md|html|json|junit\.xml)$/i, '') ?? join(outDir, defaultName(report))
  const paths: string[] = []
  for (const kind of FILES[format]) {
    const path = base + EXTENSIONS[kind]
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, RENDERERS[kind](report, { maxDetailRows }))
    } catch (error) {
      throw new CommandFailure(`${path}: ${reasonOf(error)}`)
    }
    paths.push(path)
  }
  return paths
}

/** `migration-report__<target>__<YYYYmmdd-HHMMSS>`. */
function defaultName({ target, generatedAt }: MigrationReport): string {
  const time = generatedAt.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `migration-report__${target.model.replace(/[^\w.-]+/g, '-')}__${time}`
}
