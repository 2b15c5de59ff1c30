import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const DOCUMENTS = ['README.md', '{apps,packages}/*/README.md', 'test-harness/README.md', 'docs/**/*.md']
const PROGRAMS = ['js', 'ts']
const COMPONENTS = ['tsx', 'vue', 'svelte']

/** Languages whose blocks are not tested, with the reason. */
const UNTESTED: Readonly<Record<string, string>> = {
  '': 'drawings',
  sh: 'commands that install packages or need a checkout',
}

interface Block {
  /** `packages/core/README.md:17` */
  readonly place: string
  readonly language: string
  /** On the lines that it has in its document, so that errors name those. */
  readonly code: string
  /** Its name in the reader's project. */
  readonly file: string
}

const root = join(import.meta.dirname, '../..')
const blocks = globSync(DOCUMENTS, { cwd: root }).sort().flatMap(blocksOf)
const blocksIn = (languages: string[]) => blocks.filter(({ language }) => languages.includes(language))

/** The fenced blocks of a document. One that is not closed goes on to the document's end. */
function blocksOf(path: string): Block[] {
  const text = readFileSync(join(root, path), 'utf8')
  const fenced = /^([ \t]*)(```+|~~~+)(.*)\n([\s\S]*?)(?:^\1\2[ \t]*$|(?![\s\S]))/gm
  return [...text.matchAll(fenced)].map(({ index, 3: language = '', 4: code = '' }) => {
    const line = text.slice(0, index).split('\n').length
    const file = `${path.replace(/\W+/g, '-')}-${line}.${language}`
    return { place: `${path}:${line}`, language, code: '\n'.repeat(line) + code, file }
  })
}

const project = mkdtempSync(join(tmpdir(), 'agent-stream-reader-'))

/** What a reader has who did as the documents say: a project with the packages and a framework installed. */
function writeProject(): void {
  const install = (name: string, from: string) => {
    const to = join(project, 'node_modules', name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(join(root, from), to)
  }
  for (const folder of ['test-harness', ...globSync('packages/*', { cwd: root })])
    install(`@agent-stream/${basename(folder)}`, folder)
  for (const name of ['@ai-sdk/react', '@types/react', 'ai', 'react', 'svelte', 'vue'])
    install(name, `test-harness/node_modules/${name}`)
  install('openai', 'packages/cassette/node_modules/openai')
  install('@types/node', 'node_modules/@types/node')

  const write = (file: string, content: string) => writeFileSync(join(project, file), content)
  const writeTsconfig = (file: string, ...include: string[]) => {
    const compilerOptions = { types: ['node'] }
    write(file, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, include }))
  }
  write('package.json', '{ "type": "module" }')
  writeTsconfig('tsconfig.json', '*.ts', '*.tsx', '*.vue')
  writeTsconfig('tsconfig.svelte.json', '*.svelte')
  for (const { file, code } of blocksIn([...PROGRAMS, ...COMPONENTS])) write(file, code)
}

/** What a program prints. One that fails, fails the test with all that it says. */
async function output(program: string, ...args: string[]): Promise<string> {
  return promisify(execFile)(program, args, { cwd: project, timeout: 60_000 }).then(
    ({ stdout }) => stdout,
    ({ message, stdout }) => expect.fail(`${message}\n${stdout}`),
  )
}

const tool = (name: string) => join(root, 'node_modules/.bin', name)

describe('the code blocks of the documents', { timeout: 60_000 }, () => {
  beforeAll(writeProject)
  afterAll(() => rmSync(project, { recursive: true }))

  it('are in languages that are tested, or that there is a reason not to test', () => {
    const known = [...PROGRAMS, ...COMPONENTS, ...Object.keys(UNTESTED)]
    const unknown = blocks.filter(({ language }) => !known.includes(language))
    expect(unknown.map(({ place, language }) => `${place} ${language}`)).toEqual([])
  })

  it.concurrent.each(blocksIn(PROGRAMS))('print what they say: $place', async ({ code, file }) => {
    const printed = await output(process.execPath, '--conditions=agent-stream-source', file)
    const said = [...code.matchAll(/console\.log\(.*\),? \/\/ (.*)$/gm)].map(([, line]) => line)
    // A line in a loop is printed more than once.
    expect([...new Set(printed.match(/.+/g))]).toEqual(said)
  })

  it.concurrent('have the right types, as have their React and Vue components', async () => {
    await output(tool('vue-tsc'), '--project', 'tsconfig.json')
  })

  it.concurrent('have the right types in their Svelte components', async () => {
    await output(tool('svelte-check'), '--tsconfig', './tsconfig.svelte.json', '--fail-on-warnings')
  })
})
