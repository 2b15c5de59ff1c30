import type { AgentStreamClient, ClientSource } from '@agent-stream/core'

/** What a panel is given, whichever framework it is written in. */
export interface PanelProps {
  /** A client to share, or the options of one of the panel's own. */
  readonly source: ClientSource
  /** Told of the panel's client once the panel is there. */
  readonly onClient: (client: AgentStreamClient) => void
  /** Told why an answer to the agent's question was not taken. */
  readonly onRefused: (error: unknown) => void
  /** How often the client has published in this run. */
  readonly flushCount: () => number
}

/** Puts a panel into `target`; what it returns takes it out again. */
export type MountPanel = (target: Element, props: PanelProps) => () => void
