import { promptText } from '../conversation/prompt-text.ts'
import { SEMANTIC_KEY_VERSION, semanticKey } from '../conversation/semantic-key.ts'
import { UnsupportedRequestError } from '../conversation/unsupported-request-error.ts'
import { conversationOf } from '../providers/decode-exchange.ts'
import { describeRequest } from '../providers/describe-request.ts'
import type { Cassette, CassetteStore, StoreProblem } from '../store/cassette-store.ts'

/** The category of the prompts whose text matches. */
export interface CategoryRule {
  readonly category: string
  readonly pattern: RegExp
}

export interface AnnotateOptions {
  /** The first that matches counts. */
  readonly rules: readonly CategoryRule[]
  /** Categories by the ids of cassettes; they count before rules. */
  readonly byId: ReadonlyMap<string, string>
  /** Whether a category that is there gives way. */
  readonly replaces: boolean
  /** Nothing is written. */
  readonly isDryRun: boolean
  /** Called with the number of cassettes that were looked at. */
  readonly onProgress?: (count: number) => void
}

export interface AnnotateResult {
  readonly cassettes: number
  readonly changed: number
  /** Cassettes by category, as they are then. */
  readonly categories: Readonly<Record<string, number>>
  /** Ids of `byId` that no cassette has. */
  readonly unknownIds: readonly string[]
  readonly problems: readonly StoreProblem[]
}

/** Notes categories in the cassettes of a corpus, and what agentrec's tools look for: semantic key, model, provider. */
export async function annotateCorpus(
  store: CassetteStore,
  options: AnnotateOptions,
): Promise<AnnotateResult> {
  const { byId, isDryRun, onProgress } = options
  const unknown = new Set(byId.keys())
  const categories = new Map<string, number>()
  const problems: StoreProblem[] = []
  let [cassettes, changed] = [0, 0]
  for await (const entry of store.entries()) {
    if (entry.type === 'problem') {
      problems.push(entry.problem)
      continue
    }
    const { cassette } = entry
    onProgress?.(++cassettes)
    unknown.delete(cassette.id)
    const metadata = annotated(cassette, options)
    if (typeof metadata.category === 'string') {
      categories.set(metadata.category, (categories.get(metadata.category) ?? 0) + 1)
    }
    if (isSame(metadata, cassette.metadata)) continue
    changed++
    if (!isDryRun) await store.write({ ...cassette, metadata }, { replaces: () => true })
  }
  return {
    cassettes,
    changed,
    categories: Object.fromEntries(categories),
    unknownIds: [...unknown],
    problems,
  }
}

type Metadata = Cassette['metadata']

function isSame(a: Metadata, b: Metadata): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.entries(a).every(([key, value]) => b[key] === value)
  )
}

function annotated(
  { id, exchange, metadata }: Cassette,
  { rules, byId, replaces }: AnnotateOptions,
): Metadata {
  const { wire, model } = describeRequest(exchange.request)
  const facts = {
    ...(wire !== null && {
      provider: wire,
      semantic_key: semanticKey(exchange.request),
      semantic_key_version: SEMANTIC_KEY_VERSION,
    }),
    ...(model !== null && { model }),
  }
  const hasCategory = typeof metadata.category === 'string' && metadata.category !== ''
  const category = hasCategory && !replaces ? undefined : (byId.get(id) ?? byRule(exchange.request, rules))
  return { ...facts, ...metadata, ...(category !== undefined && { category }) }
}

function byRule(
  request: Cassette['exchange']['request'],
  rules: readonly CategoryRule[],
): string | undefined {
  if (rules.length === 0) return undefined
  try {
    const text = promptText(conversationOf(request))
    return rules.find(({ pattern }) => pattern.test(text))?.category
  } catch (error) {
    if (error instanceof UnsupportedRequestError) return undefined
    throw error
  }
}
