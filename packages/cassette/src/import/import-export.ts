import { createHash } from 'node:crypto'
import type { ScrubOptions } from '@agent-stream/protocol/scrub'

import { UnsupportedRequestError } from '../conversation/unsupported-request-error.ts'
import { idText } from '../key/id-text.ts'
import { createCassetteWriter } from '../record/cassette-writer.ts'
import type { CassetteStore } from '../store/cassette-store.ts'
import type { ImportedCall, ImportSource } from './imported-call.ts'
import { importedExchange } from './imported-exchange.ts'
import { readExport } from './read-export.ts'

export interface ImportOptions {
  readonly store: CassetteStore
  /** Default: told by the records. */
  readonly source?: ImportSource
  /** For the calls that bring none. */
  readonly category?: string
  /** What is redacted besides the secrets that are known; false: nothing is. */
  readonly scrub?: ScrubOptions | false
}

export interface ImportResult {
  /** Undefined where the records are of no system that is known: then nothing is imported. */
  readonly source: ImportSource | undefined
  /** Ids of the cassettes that were written. */
  readonly imported: readonly string[]
  /** What was passed over: the record's name, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[]
}

/** How the ids of imported cassettes begin. */
const PREFIX = 'imported__'

/**
 * Makes cassettes of an export of Langfuse, LangSmith or OpenTelemetry, for `migrate`. The same export twice makes the
 * same cassettes: newer ones take the places of older ones.
 */
export async function importExport(text: string, options: ImportOptions): Promise<ImportResult> {
  const { source, entries } = readExport(text, options.source)
  const writer = createCassetteWriter({
    store: options.store,
    ...(options.scrub !== undefined && { scrub: options.scrub }),
  })
  const imported: string[] = []
  const refused: { name: string; reason: string }[] = []
  for (const entry of entries) {
    if (entry.type === 'refused' || source === undefined) {
      if (entry.type === 'refused') refused.push({ name: entry.name, reason: entry.reason })
      continue
    }
    try {
      const ref = await writer.write(importedExchange(entry.call), {
        requestKey: { id: idOf(entry.call, source) },
        occurrence: 1,
        metadata: metadataOf(entry.call, source, options.category),
        replaces: () => true,
      })
      if (ref) imported.push(ref.id)
    } catch (error) {
      if (!(error instanceof UnsupportedRequestError)) throw error
      refused.push({ name: entry.name, reason: error.message })
    }
  }
  return { source, imported, refused }
}

function idOf(call: ImportedCall, source: ImportSource): string {
  const digest = () =>
    createHash('sha256')
      .update(JSON.stringify([call.model, call.conversation]))
      .digest('hex')
      .slice(0, 16)
  return `${PREFIX}${source}__${call.id === undefined ? digest() : idText(call.id)}`
}

function metadataOf(call: ImportedCall, source: ImportSource, otherwise: string | undefined) {
  const category = call.category ?? otherwise
  return {
    imported: true,
    imported_from: source,
    model: call.model,
    ...(call.provider !== undefined && { imported_provider: call.provider }),
    ...(category !== undefined && { category }),
  }
}
