import type { Conversation } from '../conversation/conversation.ts'
import { renderResponse } from '../conversation/prompt-text.ts'
import { digest } from '../conversation/request-digest.ts'
import { idText } from '../key/id-text.ts'
import { clipped } from './comparable-text.ts'
import { type AnswerPair, type Comparator, type Comparison, comparison } from './comparator.ts'
import { parseVerdict, type Verdict } from './verdict.ts'

/** One question to a judge. */
export interface JudgeQuestion {
  readonly model: string
  readonly conversation: Conversation
  /** The cassette id under which the reply is kept: the same question has the same one. */
  readonly key: string
}

export interface JudgeReply {
  readonly text: string
  /** It came from the corpus. */
  readonly isCached: boolean
}

/** Asks a judge, or the corpus for what one said. Rejects where neither answers. */
export type AskJudge = (question: JudgeQuestion) => Promise<JudgeReply>

export interface JudgeOptions {
  readonly ask: AskJudge
  readonly model: string
  /** Judges too; both have to pass. */
  readonly secondModel?: string
  /** How often each question is put. Default 1. */
  readonly samples?: number
  /** Ask also with the answers in each other's place, since judges prefer one. Default true. */
  readonly swaps?: boolean
}

const SYSTEM =
  'You compare two AI assistant responses to the same prompt and judge whether the candidate response is an ' +
  'acceptable substitute for the baseline response. Judge semantic equivalence of the substantive content, not ' +
  'style or length. Reply with ONLY a JSON object: {"equivalent": true|false, "score": 0.0-1.0, ' +
  '"reason": "<one sentence>"}'

const MAX_CHARS = 6000
const MAX_TOKENS = 1024
/** A score from here on contradicts a verdict of not equivalent; one below `LOW`, a verdict of equivalent. */
const HIGH = 0.8
const LOW = 0.5

/**
 * Lets models say whether the target's answer can stand for the baseline's. A judge passes when more than half of its
 * verdicts do; what the verdicts disagree on is said, and how far they agree.
 */
export function judgeComparator(options: JudgeOptions): Comparator {
  const { ask, model, secondModel, samples = 1, swaps = true } = options
  const models = secondModel && secondModel !== model ? [model, secondModel] : [model]
  return {
    name: 'judge',
    async compare(pair) {
      const panels = models.map(async (judge) => {
        const questions = questionsTo(judge, pair, samples, swaps)
        const replies = await Promise.all(questions.map(ask))
        const verdicts = replies.map(({ text }) => parseVerdict(text))
        return { judge, verdicts, isCached: replies.every(({ isCached }) => isCached) }
      })
      return conclude(await Promise.all(panels))
    },
  }
}

function questionsTo(
  model: string,
  { prompt, baseline, target }: AnswerPair,
  samples: number,
  swaps: boolean,
): readonly JudgeQuestion[] {
  const answers: [string, string] = [renderResponse(baseline), renderResponse(target)]
  const orders = swaps ? [answers, [answers[1], answers[0]] as const] : [answers]
  return Array.from({ length: samples }, (_, sample) =>
    orders.map(([first, second]) => ({
      model,
      conversation: question(prompt, first, second),
      key: judgeKey(model, first, second, sample),
    })),
  ).flat()
}

function question(prompt: string, baseline: string, candidate: string): Conversation {
  const parts = { prompt, baseline_response: baseline, candidate_response: candidate }
  const texts = Object.entries(parts).map(
    ([tag, text]) => `<${tag}>\n${withoutTags(clipped(text, MAX_CHARS))}\n</${tag}>`,
  )
  return { system: SYSTEM, messages: [{ role: 'user', content: texts.join('\n\n') }], maxTokens: MAX_TOKENS }
}

/** An answer that writes our tags would end its own part and begin another. */
function withoutTags(text: string): string {
  return text.replace(/<(\/?(?:prompt|baseline_response|candidate_response))>/g, '‹$1›')
}

/** agentrec's id of the first sample, so that verdicts in its corpora are found; further samples have their own. */
export function judgeKey(model: string, baseline: string, target: string, sample = 0): string {
  const further = sample > 0 ? [`sample ${sample + 1}`] : []
  return `judge__${idText(model)}__${digest(model, baseline, target, ...further)}`
}

interface Panel {
  readonly judge: string
  readonly verdicts: readonly Verdict[]
  readonly isCached: boolean
}

function conclude(panels: readonly Panel[]): Comparison {
  const isPassed = ({ verdicts }: Panel) => yesCount(verdicts) > verdicts.length / 2
  const passing = panels.filter(isPassed).length
  const verdicts = panels.flatMap((panel) => panel.verdicts)
  const yes = yesCount(verdicts)
  const isSplit = passing > 0 && passing < panels.length
  const details = panels.map((panel) => describePanel(panel, panels.length > 1))
  return comparison('judge', {
    score: verdicts.reduce((sum, { score }) => sum + score, 0) / verdicts.length,
    passed: passing === panels.length,
    detail: (isSplit ? '[judges disagreed] ' : '') + details.join('; '),
    agreement: Math.max(yes, verdicts.length - yes) / verdicts.length,
    isCached: panels.every(({ isCached }) => isCached),
  })
}

function yesCount(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ isEquivalent }) => isEquivalent).length
}

function describePanel({ judge, verdicts, isCached }: Panel, isNamed: boolean): string {
  const yes = yesCount(verdicts)
  const score = verdicts.reduce((sum, verdict) => sum + verdict.score, 0) / verdicts.length
  const word = yes > verdicts.length / 2 ? 'equivalent' : 'not equivalent'
  const share = verdicts.length > 1 ? ` by ${Math.max(yes, verdicts.length - yes)} of ${verdicts.length}` : ''
  const isMajor = ({ isEquivalent }: Verdict) => isEquivalent === (word === 'equivalent')
  const reason = (verdicts.find((verdict) => isMajor(verdict) && verdict.reason) ?? verdicts[0])?.reason
  const marks = [
    ...(yes > 0 && yes < verdicts.length ? ['[verdicts differ]'] : []),
    ...(verdicts.some(isInconsistent) ? ['[score contradicts verdict]'] : []),
    ...(isCached ? ['[cached]'] : []),
  ]
  const verdict = `${isNamed ? `${judge}: ` : ''}${word}${share} (${score.toFixed(2)})`
  return [reason ? `${verdict} — ${reason}` : verdict, ...marks].join(' ')
}

function isInconsistent({ isEquivalent, score, hasScore }: Verdict): boolean {
  return hasScore && (isEquivalent ? score < LOW : score >= HIGH)
}
