/** Calls back when the browser comes online or its page becomes visible; returns what ends that. Elsewhere, nothing. */
export function onWake(wake: () => void): () => void {
  const { document } = globalThis
  const look = (): void => {
    if (!document.hidden) wake()
  }
  // Not by an abort signal: in simulated browsers it may be of another realm than the page.
  globalThis.addEventListener?.('online', wake)
  document?.addEventListener?.('visibilitychange', look)
  return () => {
    globalThis.removeEventListener?.('online', wake)
    document?.removeEventListener?.('visibilitychange', look)
  }
}
