import type { Entry, FlushMark, Phase, RunHistory, Span } from './history.ts'
import type { Track } from './stage.ts'
import { durationText } from './wording.ts'

const SVG = 'http://www.w3.org/2000/svg'
const HEIGHT = 40
/** So that a run's first moments are not drawn as wide as the page. */
const MIN_WIDTH_MS = 1500
/** A flush of so many tokens is drawn at full height. */
const FULL_FLUSH = 12

interface Lane {
  readonly track: Track
  readonly svg: SVGElement
  readonly spans: SVGElement
  readonly texts: SVGElement
  readonly events: SVGElement
  readonly time: HTMLElement
}

/** Draws what the clients go through: a strip for each, and the transitions in words. */
export class Timeline {
  readonly #lanesElement: HTMLElement
  readonly #log: HTMLElement
  #lanes: Lane[] = []
  #beganAtMs = 0
  #loggedEntries = 0
  #frame: number | undefined

  constructor(lanes: HTMLElement, log: HTMLElement) {
    this.#lanesElement = lanes
    this.#log = log
  }

  show(tracks: readonly Track[]): void {
    this.#lanes = tracks.map(createLane)
    this.#lanesElement.replaceChildren(...this.#lanes.map(({ time }) => time.parentElement as HTMLElement))
    this.#clearLog()
  }

  /** Follows the tracks until their runs have ended. */
  follow(beganAtMs: number): void {
    this.#beganAtMs = beganAtMs
    this.#clearLog()
    this.#frame ??= requestAnimationFrame(this.#draw)
  }

  #draw = (): void => {
    const nowMs = performance.now() - this.#beganAtMs
    const widthMs = Math.max(MIN_WIDTH_MS, ...this.#lanes.map(({ track }) => track.history.endMs ?? nowMs))
    for (const lane of this.#lanes) drawLane(lane, nowMs, widthMs)
    this.#writeLog()
    const isOver = this.#lanes.every(({ track }) => track.history.endMs !== undefined)
    this.#frame = isOver ? undefined : requestAnimationFrame(this.#draw)
  }

  #writeLog(): void {
    const rows = this.#lanes
      .flatMap(({ track }) => track.history.entries.map((entry) => ({ ...entry, name: track.name })))
      .sort((a, b) => a.atMs - b.atMs)
    if (rows.length === this.#loggedEntries) return
    this.#loggedEntries = rows.length
    this.#log.replaceChildren(...rows.map((row) => logRow(row, this.#lanes.length > 1)))
    this.#log.scrollTop = this.#log.scrollHeight
  }

  #clearLog(): void {
    this.#loggedEntries = 0
    this.#log.replaceChildren()
  }
}

function createLane(track: Track): Lane {
  const row = document.createElement('div')
  row.className = 'lane'
  const name = document.createElement('span')
  name.className = 'lane-name'
  name.textContent = track.name
  const svg = svgElement('svg', { preserveAspectRatio: 'none', 'aria-hidden': 'true' })
  const spans = svgElement('g', {})
  const texts = svgElement('path', { class: 'flush text' })
  const events = svgElement('path', { class: 'flush event' })
  svg.append(spans, texts, events)
  const time = document.createElement('span')
  time.className = 'lane-time'
  row.append(name, svg, time)
  return { track, svg, spans, texts, events, time }
}

function drawLane(
  { track: { history }, svg, spans, texts, events, time }: Lane,
  nowMs: number,
  widthMs: number,
) {
  const { flushes } = history
  svg.setAttribute('viewBox', `0 0 ${widthMs} ${HEIGHT}`)
  spans.replaceChildren(...spanRects(history, nowMs))
  texts.setAttribute('d', flushPath(flushes.filter(({ isText }) => isText)))
  events.setAttribute('d', flushPath(flushes.filter(({ isText }) => !isText)))
  time.textContent = history.spans.length > 0 ? durationText(history.endMs ?? nowMs) : ''
}

function spanRects({ spans, endMs }: RunHistory, nowMs: number): SVGElement[] {
  const untilMs = endMs ?? nowMs
  return spans
    .filter(({ phase }) => isUnderWay(phase))
    .map((span) => {
      const next = spans[spans.indexOf(span) + 1] as Span | undefined
      const width = Math.max(0, (next?.startMs ?? untilMs) - span.startMs)
      return svgElement('rect', { class: span.phase, x: span.startMs, y: 0, width, height: HEIGHT })
    })
}

function isUnderWay(phase: Phase): boolean {
  return phase === 'connecting' || phase === 'streaming' || phase === 'retrying' || phase === 'stalled'
}

function flushPath(flushes: readonly FlushMark[]): string {
  return flushes
    .map(({ atMs, isText, textEvents }) => {
      const share = isText ? Math.min(1, 0.3 + (0.7 * textEvents) / FULL_FLUSH) : 1
      return `M${atMs.toFixed(1)} ${HEIGHT}V${(HEIGHT * (1 - 0.8 * share)).toFixed(1)}`
    })
    .join('')
}

function logRow({ atMs, phase, text, name }: Entry & { readonly name: string }, hasNames: boolean) {
  const row = document.createElement('li')
  row.dataset.phase = phase
  const time = document.createElement('time')
  time.textContent = `${(atMs / 1000).toFixed(2)} s`
  row.append(time)
  if (hasNames) {
    const who = document.createElement('b')
    who.textContent = name
    row.append(who)
  }
  const words = document.createElement('span')
  words.textContent = text
  row.append(words)
  return row
}

function svgElement(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}
