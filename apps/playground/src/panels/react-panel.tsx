import { useAgentStream } from '@agent-stream/react'
import { type CSSProperties, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { MountPanel, PanelProps } from '../panel.ts'
import { RenderMeter } from '../render-meter.ts'
import { answersTo, countersText, paragraphs, preview, statusText, toolNote } from '../wording.ts'

export const mountReactPanel: MountPanel = (target, props) => {
  const root = createRoot(target)
  root.render(<ReactPanel {...props} />)
  return () => root.unmount()
}

function ReactPanel({ source, onClient, onRefused, flushCount }: PanelProps) {
  const stream = useAgentStream(source)
  const { client, status, outcome, thinking, tools, parts, turn, progress, error, isStreaming } = stream
  const [meter] = useState(() => new RenderMeter())
  const renders = meter.next(stream)

  useEffect(() => onClient(client), [client, onClient])

  return (
    <>
      <header className="panel-head">
        <h2>React</h2>
        <code>useAgentStream()</code>
        <span
          className="pill"
          role="status"
          data-testid="status"
          data-status={status}
          data-outcome={outcome}
          style={waitStyle(stream.retry?.delayMs ?? 0)}
        >
          {statusText(stream)}
        </span>
      </header>

      <div className="meta">
        <span data-testid="turn">{turn ? `Turn ${turn.turnNumber}` : 'No turn yet'}</span>
        <span className="meta-message">{progress?.message}</span>
        <div
          className="progress"
          role="progressbar"
          aria-label="Progress"
          aria-valuenow={progress?.percentage ?? 0}
          data-testid="progress"
        >
          <div style={{ width: `${progress?.percentage ?? 0}%` }} />
        </div>
      </div>

      {thinking && (
        <details className="thinking">
          <summary>
            Thinking{' '}
            <span className="preview">
              <span>{preview(thinking)}</span>
            </span>
          </summary>
          <div className="follow">
            <p data-testid="thinking">{thinking}</p>
          </div>
        </details>
      )}

      {tools.length > 0 && (
        <div className="tools follow">
          <ul aria-label="Tools">
            {tools.map((tool, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: tools are only added, and an id may come twice
                key={index}
                className="tool"
                data-testid="tool"
                data-status={tool.status}
                title={tool.outputSummary}
              >
                <span className="tool-name">{tool.name}</span>
                <span className="tool-note">{toolNote(tool)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}

      {error && (
        <div className="error" role="alert" data-testid="error">
          <code>{error.errorType}</code> {error.message}
        </div>
      )}

      <div className="text-frame follow">
        <div className="text" data-testid="text" aria-live="polite" aria-busy={isStreaming}>
          {paragraphs(parts).map((text, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs are only added
            <p key={index}>{text}</p>
          ))}
        </div>
      </div>

      {stream.pendingInputs.map((input) => (
        <fieldset key={input.inputId} className="question" data-testid="question">
          <legend>{input.message}</legend>
          {answersTo(input).map(({ label, value }) => (
            <button
              key={label}
              type="button"
              onClick={() => stream.respond(input.inputId, value).catch(onRefused)}
            >
              {label}
            </button>
          ))}
        </fieldset>
      ))}

      <footer className="panel-foot">
        <span data-testid="counters">{countersText(renders, flushCount(), stream.eventCount)}</span>
        <button type="button" data-testid="stop" disabled={!isStreaming} onClick={stream.stop}>
          Stop
        </button>
      </footer>
    </>
  )
}

function waitStyle(ms: number): CSSProperties {
  // React's type knows no custom properties.
  return { '--wait': `${ms}ms` } as CSSProperties
}
