/** Calls back when the browser comes online or its page becomes visible; returns what ends that. Elsewhere, nothing. */
export function onWake(wake: () => void): () => void {
  const controller = new AbortController()
  const { signal } = controller
  const { document } = globalThis
  globalThis.addEventListener?.('online', wake, { signal })
  document?.addEventListener('visibilitychange', () => document.hidden || wake(), { signal })
  return () => controller.abort()
}
