const KEY = 'agent-stream-playground-theme'

type Theme = 'light' | 'dark'

/** The system's theme until the button is pressed; the button remembers. */
export function wireTheme(button: HTMLElement): void {
  const root = document.documentElement
  const systemDark = matchMedia('(prefers-color-scheme: dark)')
  let chosen = localStorage.getItem(KEY) as Theme | null

  const show = (): void => {
    const theme = chosen ?? (systemDark.matches ? 'dark' : 'light')
    root.dataset.theme = theme
    button.textContent = theme === 'dark' ? 'Light theme' : 'Dark theme'
  }
  button.addEventListener('click', () => {
    chosen = root.dataset.theme === 'dark' ? 'light' : 'dark'
    localStorage.setItem(KEY, chosen)
    show()
  })
  systemDark.addEventListener('change', show)
  show()
}
