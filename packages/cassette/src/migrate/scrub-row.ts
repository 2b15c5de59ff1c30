import type { Scrubber } from '@agent-stream/protocol/scrub'

import type { Answer, ReportRow } from '../report/report.ts'

/** The row without secrets: corpora of other tools may hold some, and APIs repeat what they were sent. */
export function scrubRow(row: ReportRow, scrubber: Scrubber): ReportRow {
  const { prompt, baseline, reason, samples, notes } = row
  return {
    ...row,
    prompt: { preview: scrubber.text(prompt.preview), text: scrubber.text(prompt.text) },
    reason: reason === null ? null : scrubber.text(reason),
    notes: notes.map((note) => scrubber.text(note)),
    baseline: baseline && scrubAnswer(baseline, scrubber),
    samples: samples.map((sample) => ({
      ...sample,
      answer: scrubAnswer(sample.answer, scrubber),
      comparisons: sample.comparisons.map((entry) => ({ ...entry, detail: scrubber.text(entry.detail) })),
    })),
  }
}

function scrubAnswer(answer: Answer, scrubber: Scrubber): Answer {
  return {
    ...answer,
    text: scrubber.text(answer.text),
    toolCalls: answer.toolCalls.map((call) => ({ ...call, arguments: scrubber.json(call.arguments) })),
  }
}
