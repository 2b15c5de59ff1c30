import {
  appliesTo,
  type HostileCase,
  type HostileDialect,
  type HostileDriver,
  type HostileGroup,
  type HostileResult,
  hostileGroups,
} from '@agent-stream/test-harness/hostile'

import bench from '../../package.json' with { type: 'json' }

/** What one client made of the cases. */
export interface Column {
  readonly driver: HostileDriver
  readonly resultOf: (hostileCase: HostileCase) => HostileResult | undefined
}

const VERSIONS: Readonly<Record<string, string>> = {
  'AI SDK': `\`ai\` ${bench.devDependencies.ai}`,
  'TanStack AI': `\`@tanstack/ai-client\` ${bench.devDependencies['@tanstack/ai-client']}`,
  'AG-UI': `\`@ag-ui/client\` ${bench.devDependencies['@ag-ui/client']}`,
  'agent-stream': 'this repository',
  'the original': '`@agent-stream/react` 0.1.0 of github.com/abhichat85/agent-stream',
}

const DIALECTS: Readonly<Record<HostileDialect, string>> = {
  'agent-stream': 'agent-stream',
  'ai-sdk-ui': 'AI SDK UI',
  'ag-ui': 'AG-UI',
  'openai-chat': 'OpenAI chat completions',
  'openai-responses': 'OpenAI Responses',
  'anthropic-messages': 'Anthropic Messages',
}

const UI_DIALECTS: readonly HostileDialect[] = ['agent-stream', 'ai-sdk-ui', 'ag-ui']

/** The page as Markdown. What only one client reads is in the summary alone. */
export function renderReport(columns: readonly Column[], now: Date): string {
  const compared = columns.filter(({ driver }) => UI_DIALECTS.includes(driver.dialect))
  return [
    INTRODUCTION,
    `Measured on ${now.toISOString().slice(0, 10)} with Node ${process.version}, by \`npm run hostile\`, which wrote this page.`,
    summary(columns),
    LEGEND,
    ...hostileGroups.map((group) => `## ${group.description}\n\n${table(group, compared)}`),
    ORIGINAL,
    YOUR_OWN,
  ].join('\n\n')
}

function summary(columns: readonly Column[]): string {
  const rows = columns.map((column) => {
    const { name, dialect } = column.driver
    const applying = hostileGroups.flatMap(({ cases }) => cases).filter((one) => appliesTo(one, dialect))
    const right = applying.filter((hostileCase) => isRight(column.resultOf(hostileCase)))
    return [name, VERSIONS[name] ?? '', DIALECTS[dialect], `${right.length} of ${applying.length}`]
  })
  return markdownTable(['client', 'version', 'dialect', 'right'], rows)
}

function table({ cases }: HostileGroup, columns: readonly Column[]): string {
  const heads = columns.map(({ driver: { name, dialect } }) =>
    name === 'agent-stream' ? `this client: ${DIALECTS[dialect]}` : name,
  )
  return markdownTable(
    ['', ...heads],
    cases.map((hostileCase) => [hostileCase.name, ...columns.map((column) => cell(hostileCase, column))]),
  )
}

function isRight(result: HostileResult | undefined): boolean {
  return result?.problems.length === 0
}

/** What is wrong, without what would be right: the specification says that. */
function cell(hostileCase: HostileCase, { driver, resultOf }: Column): string {
  if (!appliesTo(hostileCase, driver.dialect)) return '–'
  const result = resultOf(hostileCase)
  if (!result) throw new TypeError(`report: ${driver.name} was not tried on "${hostileCase.name}"`)
  const { problems: all, observed } = result
  const isHanging = observed.outcome === 'hanging' && all.length > 1
  const problems = isHanging ? ['hangs'] : all.map((problem) => problem.replace(/ instead of .*/s, ''))
  return problems.length === 0 ? '✓' : `✗ ${problems.join('; ')}`
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const INTRODUCTION = `# Hostile streams

What servers, proxies and networks do to a stream, and what clients then show. The cases are [data](../spec/hostile/README.md), with the reason for what a right client does beside each. Every client reads them in its own dialect, unmodified, from a real HTTP server on the loopback interface whose sockets really break. Each of the others runs through its own public API, as its hook does.`

const LEGEND = `✓ is right; ✗ is what was seen instead, – is a case that the dialect cannot have. "complete", "truncated", "failed" and "stopped" are how a client says that a run ended: for the AI SDK and TanStack AI, \`status\` and whether the user stopped it; for AG-UI whether \`runAgent\` rejects, or \`onRunErrorEvent\` is called; for this project \`outcome\`. A tool that still waits for its input or its output is "running". A rejection that nobody handles ends a Node process; here it is caught and counted. Times are without those in which a busy machine had no processor for the client. This project's client passes its waits twenty times as fast as it would; nobody else has any.`

const ORIGINAL = `## The original

The client that this project succeeds, \`@agent-stream/react\` 0.1.0, is in no npm registry, and so not among the dependencies here. \`npm run hostile -- --original <file>\` adds it from its module, \`packages/react/dist/index.mjs\` of github.com/abhichat85/agent-stream, with what its hook makes of its callbacks. \`original.ts\` in \`bench/src/hostile\` is the driver.`

const YOUR_OWN = `## Your own client

\`@agent-stream/test-harness/hostile\` points any client at the cases. A driver is all that it needs:

\`\`\`ts
import { hostileGroups, runHostileCase } from '@agent-stream/test-harness/hostile'

const hostileCase = hostileGroups[0]?.cases.find(({ name }) => name === 'clean end before the finish')
if (!hostileCase) throw new Error('no such case')
const { observed, problems } = await runHostileCase(hostileCase, {
  name: 'a client that trusts the end of the body',
  dialect: 'agent-stream', // or 'ai-sdk-ui', 'ag-ui'
  async run({ url, signal }) {
    const body = await (await fetch(url, { method: 'POST', signal })).text()
    const tokens = [...body.matchAll(/event: token\\ndata: (.*)/g)]
    const text = tokens.map(([, data]) => JSON.parse(data ?? '').text).join('')
    return { outcome: 'complete', text, tools: [], hasError: false }
  },
})
console.log(observed.text, problems) // Hel [ 'ends in "complete" instead of "truncated" or "failed"' ]
\`\`\`
`
