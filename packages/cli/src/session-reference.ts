import { existsSync } from 'node:fs'

import type { SessionChoice } from './pick-session.ts'

export interface SessionReference {
  readonly file: string
  readonly choice: SessionChoice
}

/** `rec.jsonl` is its last session, `rec.jsonl#2` its second, `rec.jsonl#<id>` that one. */
export function sessionReference(
  text: string,
  isFile: (path: string) => boolean = existsSync,
): SessionReference {
  const at = text.lastIndexOf('#')
  if (at === -1 || isFile(text)) return { file: text, choice: { by: 'last' } }
  const file = text.slice(0, at)
  const which = text.slice(at + 1)
  if (which === '') return { file, choice: { by: 'last' } }
  return {
    file,
    choice: /^[1-9]\d*$/.test(which) ? { by: 'index', index: Number(which) } : { by: 'id', id: which },
  }
}
