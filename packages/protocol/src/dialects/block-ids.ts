/** Names blocks apart on wires that use a block's id again, for a further block of the same response. */
export interface BlockIds {
  /** A block begins: the name that its text is to have from now on. */
  open(id: string): string
  open(id: unknown): string | undefined
  /** The name of the block last opened under this id; the id itself while none was. `undefined` if it is no text. */
  of(id: unknown): string | undefined
}

export function createBlockIds(): BlockIds {
  const opened = new Map<unknown, number>()
  const of = (id: unknown) => {
    const count = opened.get(id) ?? 1
    return typeof id !== 'string' ? undefined : count > 1 ? `${id}~${count}` : id
  }
  return {
    open(id: unknown) {
      opened.set(id, (opened.get(id) ?? 0) + 1)
      // What is text has a name.
      return of(id) as string
    },
    of,
  }
}
