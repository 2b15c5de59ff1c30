import type { CassetteRef, CassetteStore } from '../store/cassette-store.ts'

/** The cassettes of a store that no session has replayed or recorded. */
export async function unusedCassettes(
  store: CassetteStore,
  used: Iterable<CassetteRef>,
): Promise<readonly CassetteRef[]> {
  const names = new Set([...used].map(refName))
  const unused: CassetteRef[] = []
  for await (const entry of store.entries()) {
    if (entry.type === 'problem') continue
    const { id, occurrence } = entry.cassette
    if (!names.has(refName({ id, occurrence }))) unused.push({ id, occurrence })
  }
  return unused
}

/** `openai_gpt-4o_1f2e…`, and `openai_gpt-4o_1f2e…~2` for the second one. */
export function refName({ id, occurrence }: CassetteRef): string {
  return occurrence === 1 ? id : `${id}~${occurrence}`
}

/** What a name stands for. */
export function parseRefName(name: string): CassetteRef {
  const [, id = name, occurrence = '1'] = /^(.+)~([1-9]\d*)$/.exec(name) ?? []
  return { id, occurrence: Number(occurrence) }
}
