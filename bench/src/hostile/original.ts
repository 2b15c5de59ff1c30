import type { HostileDriver, ShownOutcome, ShownTool } from '@agent-stream/test-harness/hostile'

/** What is used of the original `@agent-stream/react` (github.com/abhichat85/agent-stream). */
interface OriginalModule {
  readonly AgentStreamClient: new () => {
    start(
      url: string,
      body: unknown,
      callbacks: Readonly<Record<string, (event: never) => void>>,
    ): Promise<void>
    stop(): void
  }
}

/**
 * The original `@agent-stream/react`, from a file, as it is in no registry: its client, and what its hook makes of the
 * callbacks.
 */
export async function original(file: string): Promise<HostileDriver> {
  const { AgentStreamClient } = (await import(file)) as OriginalModule
  return {
    name: 'the original',
    dialect: 'agent-stream',
    run: ({ url, signal }) =>
      new Promise((resolve) => {
        const client = new AgentStreamClient()
        const tools: ShownTool[] = []
        let text = ''
        let hasError = false
        const end = (outcome: ShownOutcome) => resolve({ outcome, text, tools, hasError })
        signal.addEventListener('abort', () => {
          client.stop()
          end('stopped')
        })
        void client.start(
          url,
          {},
          {
            onToken: (token: string) => {
              text += token
            },
            onToolUse: ({ toolName, status }: { readonly toolName: string; readonly status: string }) => {
              if (status === 'running') tools.push({ name: toolName, status })
            },
            onError: ({ errorType }: { readonly errorType: string }) => {
              hasError = true
              if (errorType === 'network_error') end('failed')
            },
            onDone: ({ isError }: { readonly isError: boolean }) => end(isError ? 'failed' : 'complete'),
          },
        )
      }),
  }
}
