/** Who wants to know of a run's intents, within this process. */
export interface IntentListeners {
  add(runId: string, listener: () => void): () => void
  notify(runId: string): void
}

export function createIntentListeners(): IntentListeners {
  const listeners = new Map<string, Set<() => void>>()
  return {
    add(runId, listener) {
      // One who listens twice is called twice, and stops twice.
      const call = () => listener()
      const ofRun = listeners.get(runId) ?? new Set()
      listeners.set(runId, ofRun.add(call))
      return () => {
        ofRun.delete(call)
        if (ofRun.size === 0 && listeners.get(runId) === ofRun) listeners.delete(runId)
      }
    },
    notify(runId) {
      // In a task of its own: what a listener throws is nobody's failed intent.
      for (const call of listeners.get(runId) ?? []) queueMicrotask(call)
    },
  }
}
