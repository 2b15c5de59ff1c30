import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { renderHtml } from '../../src/report/html.ts'
import { renderJson } from '../../src/report/json.ts'
import { renderJunit } from '../../src/report/junit.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import type { MigrationReport } from '../../src/report/report.ts'
import { failingRow, rowOf, SAMPLE } from './sample-report.ts'

const golden = (name: string) => join(import.meta.dirname, 'golden', name)
const script = /<script>([\s\S]*?)<\/script>/
/** What a reader sees is golden; how the script and the style are written is not. */
const withoutCode = (page: string) =>
  page
    .replace(script, '<script></script>')
    .replace(/<style>[\s\S]*?<\/style>/, '<style></style>')
    .replaceAll(/sha256-[\w+/=]+/g, 'sha256-…')

describe('the renderers', () => {
  it.each([
    ['report.md', renderMarkdown],
    ['report.html', (report: MigrationReport) => withoutCode(renderHtml(report))],
    ['report.junit.xml', renderJunit],
  ])('write %s', async (name, render) => {
    await expect(render(SAMPLE)).toMatchFileSnapshot(golden(name))
  })

  it('lose nothing in JSON', () => {
    expect(JSON.parse(renderJson(SAMPLE))).toEqual(JSON.parse(JSON.stringify(SAMPLE)))
  })

  it('show only so many answers', () => {
    const rows = Array.from({ length: 40 }, (_, place) => rowOf(place + 1, `Prompt ${place + 1}`))
    const report = { ...SAMPLE, rows }
    const details = (text: string) => text.match(/<details class="row"|^### /gm)?.length ?? 0
    expect([renderMarkdown(report), renderHtml(report)].map(details)).toEqual([25, 25])
    const all = { maxDetailRows: 0 }
    expect([renderMarkdown(report, all), renderHtml(report, all)].map(details)).toEqual([40, 40])
    expect(renderMarkdown(report)).toContain(
      '_15 more prompts not shown here; `--max-detail-rows 0` shows all._',
    )
  })
})

describe('renderHtml', () => {
  const page = renderHtml(SAMPLE)

  it('has one script, which is its own, and asks for nothing', () => {
    expect(page.match(/<script/g)).toHaveLength(1)
    const policy = /content="(default-src [^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'")
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+';/)
    const tags = page.replace(/<style>[\s\S]*?<\/style>/, '').match(/<[a-z][^>]*>/gi) ?? []
    expect(
      tags.filter((tag) => /\s(?:on\w+|src|href|style)=|^<(?:link|img|iframe|object)/i.test(tag)),
    ).toEqual([])
  })

  it('has no attribute in which foreign text could end', () => {
    const hostile = '"\'><svg onload=alert(1)>'
    const report = {
      ...SAMPLE,
      comparators: [hostile],
      corpus: hostile,
      rows: [rowOf(1, hostile, { category: hostile })],
    }
    expect(renderHtml(report)).not.toContain('<svg onload')
  })

  it('is small and quick for long answers that have nothing in common', () => {
    const words = (seed: number) =>
      Array.from({ length: 20_000 }, (_, place) => ((place + 1) * seed) % 9973).join(' ')
    const report = { ...SAMPLE, rows: [failingRow(1, 'x', words(7), words(11))] }
    const start = performance.now()
    expect(renderHtml(report).length).toBeLessThan(200_000)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('renderJunit', () => {
  it('is well-formed XML with the counts that it says', () => {
    const xml = renderJunit(SAMPLE)
    expect(() => execFileSync('python3', ['-c', CHECK], { input: xml })).not.toThrow()
    expect(xml).toContain('tests="10" failures="5" errors="2" skipped="1"')
    expect(xml.match(/<failure /g)).toHaveLength(5)
  })
})

const CHECK = 'import sys, xml.dom.minidom as dom; dom.parseString(sys.stdin.buffer.read())'

describe('renderMarkdown', () => {
  const text = renderMarkdown(SAMPLE)

  it('lets no foreign text become markup', () => {
    const outside = text.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
    expect(outside).not.toMatch(/<(?!\/?(?:details|summary)\b)\w/)
    expect(outside).not.toMatch(/[^\\]\[link\]/)
  })

  it('has tables whose rows are as long as their heads', () => {
    const columns = (line: string) => line.replaceAll('\\|', '').split('|').length
    for (const table of text.match(/(?:^\|.*\|\n)+/gm) ?? []) {
      const lines = table.trim().split('\n')
      expect(new Set(lines.map(columns)).size, table).toBe(1)
    }
  })

  it('fits into a job summary of GitHub', () => {
    const rows = Array.from({ length: 300 }, (_, place) =>
      failingRow(place + 1, 'x'.repeat(9000), 'y'.repeat(9000), 'z'.repeat(9000)),
    )
    expect(Buffer.byteLength(renderMarkdown({ ...SAMPLE, rows }))).toBeLessThan(2 ** 20)
  })
})
