// The live page of /debug/: asks /debug/calls every second, and draws what it says.

/**
 * @typedef {import('../src/calls/health.ts').Health} Health
 * @typedef {import('../src/calls/in-flight.ts').InFlightCall} InFlightCall
 * @typedef {import('../src/observe/call-report.ts').CallReport} CallReport
 * @typedef {{ health: Health, in_flight: readonly InFlightCall[], calls: readonly CallReport[] }} Debug
 */

const ASK_MS = 1000
const SHOWN_CALLS = 50

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** @param {number | null | undefined} ms */
function duration(ms) {
  if (ms === null || ms === undefined) return '–'
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

/** @param {number} usd */
const money = (usd) => `$${usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`

/** @param {string} iso @param {number} [afterMs] */
const timeOfDay = (iso, afterMs = 0) =>
  new Date(Date.parse(iso) + afterMs).toLocaleTimeString([], { hourCycle: 'h23' })

/** @param {Health} health */
function showHealth(health) {
  const status = byId('status')
  status.dataset.status = health.status
  status.textContent = health.status
  const reasons = byId('reasons')
  reasons.hidden = health.reasons.length === 0
  reasons.replaceChildren(...health.reasons.map((reason) => element('li', reason)))
  const { recording } = health
  const isRecorded = recording.problems.length > 0 ? 'degraded' : String(recording.cassettes.written)
  const figures = {
    'in-flight': String(health.calls_in_flight),
    calls: String(health.calls),
    failed: String(health.failed_calls),
    ttft: duration(health.ttft_ms?.p50),
    gap: duration(health.token_gap_ms?.p50),
    loop: duration(health.event_loop_delay_ms?.p99),
    recording: recording.isOn ? isRecorded : 'off',
  }
  for (const [id, text] of Object.entries(figures)) byId(id).textContent = text
}

/** @param {string} tag @param {string} text @param {string} [className] */
function element(tag, text, className) {
  const made = document.createElement(tag)
  made.textContent = text
  if (className) made.className = className
  return made
}

/** @param {string} table @param {readonly HTMLTableRowElement[]} rows */
function showRows(table, rows) {
  const body = /** @type {HTMLTableSectionElement} */ (byId(table).querySelector('tbody'))
  body.replaceChildren(...rows)
  byId(table).hidden = rows.length === 0
  const empty = /** @type {HTMLElement} */ (byId(table).nextElementSibling)
  empty.hidden = rows.length > 0
}

/** @param {readonly HTMLElement[]} cells */
function row(cells) {
  const made = document.createElement('tr')
  made.append(...cells)
  return made
}

/** @param {InFlightCall} call */
function inFlightRow({ startedAt, elapsedMs, target, method, path, ttftMs }) {
  const since = element('td', timeOfDay(startedAt))
  since.append(element('small', duration(elapsedMs)))
  return row([
    since,
    element('td', target),
    element('td', `${method} ${path}`, 'wide'),
    element('td', duration(ttftMs), 'number'),
  ])
}

/** @param {CallReport} call */
function callRow(call) {
  const { outcome, errorType, upstream, downstream } = call
  const outcomeCell = element('td', outcome, 'outcome')
  outcomeCell.dataset.outcome = outcome
  const isHeld = upstream?.buffering === 'buffered' || upstream?.buffering === 'blocks'
  const notes = [errorType, isHeld && 'held back upstream', downstream && 'held back downstream?']
  for (const note of notes) if (note && note !== outcome) outcomeCell.append(element('small', note))
  const speed = call.tokensPerSecond
  return row([
    element('td', timeOfDay(call.startedAt, call.durationMs)),
    outcomeCell,
    element('td', call.requestModel ?? '–'),
    element('td', `${call.method} ${call.path}`, 'wide'),
    element('td', duration(call.ttftMs), 'number'),
    element('td', speed === undefined ? '–' : speed.toFixed(speed < 10 ? 1 : 0), 'number wide'),
    element('td', duration(call.durationMs), 'number'),
    element('td', call.costUsd === undefined ? '–' : money(call.costUsd), 'number wide'),
  ])
}

/** A chart of points over time. @param {string} id */
function createChart(id) {
  const place = byId(id)
  /** @param {string} name */
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const axis = () => ({
    stroke: () => color('--quiet'),
    grid: { stroke: () => color('--line'), width: 1 },
    ticks: { stroke: () => color('--line'), width: 1 },
  })
  /** @type {import('uplot').Options} */
  const options = {
    width: Math.max(200, place.clientWidth),
    height: place.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [axis(), { ...axis(), size: 52 }],
    series: [
      {},
      {
        paths: () => null,
        points: {
          show: true,
          size: 6,
          width: 0,
          fill: () => color('--accent'),
          stroke: () => color('--accent'),
        },
      },
    ],
  }
  const chart = new uPlot(options, [[], []], place)
  const resize = () => chart.setSize({ width: place.clientWidth, height: place.clientHeight })
  new ResizeObserver(resize).observe(place)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => chart.redraw())
  return chart
}

/** Seconds since 1970 at which a call ended, and a value of it. @param {readonly (readonly [number, number])[]} points */
function columns(points) {
  const sorted = [...points].sort(([a], [b]) => a - b)
  return /** @type {import('uplot').AlignedData} */ ([sorted.map(([x]) => x), sorted.map(([, y]) => y)])
}

const ttftChart = createChart('ttft-chart')
const durationChart = createChart('duration-chart')

/** @param {Debug} debug */
function show({ health, in_flight, calls }) {
  showHealth(health)
  showRows('in-flight-table', in_flight.map(inFlightRow))
  showRows('calls-table', calls.slice(0, SHOWN_CALLS).map(callRow))
  /** @param {CallReport} call */
  const endedAt = ({ startedAt, durationMs }) => (Date.parse(startedAt) + durationMs) / 1000
  ttftChart.setData(
    columns(calls.flatMap((call) => (call.ttftMs === undefined ? [] : [[endedAt(call), call.ttftMs]]))),
  )
  durationChart.setData(columns(calls.map((call) => [endedAt(call), call.durationMs / 1000])))
}

async function ask() {
  try {
    const response = await fetch('calls?limit=500')
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`)
    show(await response.json())
  } catch {
    const status = byId('status')
    status.dataset.status = 'offline'
    status.textContent = 'offline'
  }
  setTimeout(ask, ASK_MS)
}

ask()
