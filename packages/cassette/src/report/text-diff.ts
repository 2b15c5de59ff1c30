import { diffLines, diffWordsWithSpace } from 'diff'

export interface TextChange {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Beyond so many insertions and deletions a diff shows little, and takes more than 0.2 s. */
const MAX_EDITS = 400

/** What turns one text into the other: by words, else by lines; `undefined` where they have too little in common. */
export function textDiff(before: string, after: string): readonly TextChange[] | undefined {
  const options = { maxEditLength: MAX_EDITS }
  const changes = diffWordsWithSpace(before, after, options) ?? diffLines(before, after, options)
  if (!changes) return undefined
  const merged: TextChange[] = []
  let [removed, added] = ['', '']
  const flush = () => {
    if (removed !== '') merged.push({ kind: 'removed', text: removed })
    if (added !== '') merged.push({ kind: 'added', text: added })
    removed = added = ''
  }
  for (const [place, change] of changes.entries()) {
    if (change.removed) removed += change.value
    else if (change.added) added += change.value
    else if (isGap(change.value) && removed + added !== '' && place < changes.length - 1) {
      // Words that follow each other read as one change, not as many with a space between them.
      removed += change.value
      added += change.value
    } else {
      flush()
      merged.push({ kind: 'same', text: change.value })
    }
  }
  flush()
  return merged
}

function isGap(text: string): boolean {
  return /^[^\S\n]+$/.test(text)
}
