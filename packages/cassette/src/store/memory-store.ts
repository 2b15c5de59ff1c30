import type { Cassette, CassetteRef, CassetteStore } from './cassette-store.ts'

/** Cassettes as long as the process lives. */
export function memoryStore(): CassetteStore {
  const cassettes = new Map<string, Map<number, Cassette>>()
  const of = ({ id, occurrence }: CassetteRef) => cassettes.get(id)?.get(occurrence)

  return {
    async occurrences(id) {
      return [...(cassettes.get(id)?.keys() ?? [])].sort((a, b) => a - b)
    },
    async read(ref) {
      return of(ref)
    },
    async write(cassette, { replaces } = {}) {
      const { id } = cassette
      const same = cassettes.get(id) ?? new Map<number, Cassette>()
      cassettes.set(id, same)
      let { occurrence } = cassette
      for (let stored = same.get(occurrence); stored && !replaces?.(stored); stored = same.get(occurrence)) {
        occurrence++
      }
      same.set(occurrence, { ...cassette, occurrence })
      return { id, occurrence }
    },
    async remove(ref) {
      const same = cassettes.get(ref.id)
      const wasThere = same?.delete(ref.occurrence) ?? false
      if (same?.size === 0) cassettes.delete(ref.id)
      return wasThere
    },
    async *entries() {
      const all = [...cassettes.values()].flatMap((same) => [...same.values()])
      all.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.occurrence - b.occurrence))
      for (const cassette of all) yield { type: 'cassette', cassette }
    },
  }
}
