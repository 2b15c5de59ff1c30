/** Names blocks apart on wires that use a block's id again, for a further block of the same response. */
export interface BlockIds {
  /** A block begins: the name that its text is to have from now on. */
  open(id: string): string
  /** The name of the block last opened under this id; the id itself while none was. */
  of(id: string): string
}

export function createBlockIds(): BlockIds {
  const opened = new Map<string, number>()
  const nameOf = (id: string, count: number) => (count > 1 ? `${id}~${count}` : id)
  return {
    open(id) {
      const count = (opened.get(id) ?? 0) + 1
      opened.set(id, count)
      return nameOf(id, count)
    },
    of: (id) => nameOf(id, opened.get(id) ?? 1),
  }
}
