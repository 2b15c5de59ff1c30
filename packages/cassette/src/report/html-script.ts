/**
 * Runs in the reader's browser, from its own source text: it may name nothing from outside. Shows the tools, which
 * are of no use without it, and hides the prompts that they don't ask for.
 */
export function filterPrompts(): void {
  const all = <E extends Element>(selector: string) => [...document.querySelectorAll<E>(selector)]
  const tools = document.querySelector<HTMLElement>('.tools')
  const search = document.querySelector<HTMLInputElement>('.tools input')
  const [verdict, failing, category] = all<HTMLSelectElement>('.tools select')
  const output = document.querySelector('.tools output')
  if (!tools || !search || !verdict || !failing || !category || !output) return
  const rows = all<HTMLElement>('.row')
  const texts = rows.map((row) => (row.textContent ?? '').toLowerCase())

  function show(): void {
    const wanted = search?.value.trim().toLowerCase() ?? ''
    let count = 0
    rows.forEach((row, place) => {
      const { dataset } = row
      const isShown =
        (texts[place] ?? '').includes(wanted) &&
        (verdict?.value === '' || dataset.verdict === verdict?.value) &&
        (failing?.value === '' || (dataset.failing ?? '').split('\n').includes(failing?.value ?? '')) &&
        (category?.selectedIndex === 0 || dataset.category === category?.value)
      row.hidden = !isShown
      if (isShown) count++
    })
    if (output) output.textContent = `${count} of ${rows.length}`
  }

  function openAll(isOpen: boolean): void {
    for (const row of all<HTMLDetailsElement>('details.row:not([hidden])')) row.open = isOpen
  }

  function openLinked(): void {
    const linked = document.getElementById(location.hash.slice(1))
    if (linked instanceof HTMLDetailsElement) linked.open = true
  }

  tools.hidden = false
  tools.addEventListener('input', show)
  const [open, close] = all<HTMLButtonElement>('.tools button')
  open?.addEventListener('click', () => openAll(true))
  close?.addEventListener('click', () => openAll(false))
  addEventListener('hashchange', openLinked)
  openLinked()
  show()
}
