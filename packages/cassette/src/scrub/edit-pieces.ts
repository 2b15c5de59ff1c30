/** What is put in the place of a part of a text, from `start` to before `end`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * A text in pieces, with edits that are ordered and do not overlap. There are as many pieces as before: what replaces a
 * part that is cut is cut at the same places, as far as it goes.
 */
export function editPieces(pieces: readonly string[], edits: readonly Edit[]): readonly string[] {
  if (edits.length === 0) return pieces
  const borders = movedBorders(pieces, edits)
  const edited = editText(pieces.join(''), edits)
  return borders.map((border, i) => edited.slice(borders[i - 1] ?? 0, border))
}

function editText(text: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end, text: replacement } of edits) {
    parts.push(text.slice(from, start), replacement)
    from = end
  }
  return parts.join('') + text.slice(from)
}

/** Where each piece ends after the edits. */
function movedBorders(pieces: readonly string[], edits: readonly Edit[]): readonly number[] {
  let next = 0
  let shift = 0
  let border = 0
  return pieces.map((piece) => {
    border += piece.length
    for (let edit = edits[next]; edit && edit.end <= border; edit = edits[next]) {
      shift += edit.text.length - (edit.end - edit.start)
      next++
    }
    const edit = edits[next]
    if (!edit || border <= edit.start) return border + shift
    return edit.start + shift + Math.min(border - edit.start, edit.text.length)
  })
}
