import type { DecodedResponse } from '../providers/decoded-response.ts'

/** Two answers to one prompt: the one that was recorded, and the one of the model that is to replace it. */
export interface AnswerPair {
  /** The conversation as text, for a judge to read. */
  readonly prompt: string
  readonly baseline: DecodedResponse
  readonly target: DecodedResponse
}

/** What a comparator found. */
export interface Comparison {
  readonly comparator: string
  /** 0 to 1. */
  readonly score: number
  /** Null where the comparator could not tell: `isError`. */
  readonly passed: boolean | null
  /** One line for a person: at most six differences. */
  readonly detail: string
  /** The comparator itself failed; neither answer is judged by it. */
  readonly isError: boolean
  /** Of several verdicts, the share that says what the majority says: 0.5 to 1. Judges only. */
  readonly agreement?: number
  /** All verdicts came from the corpus: none was asked for. Judges only. */
  readonly isCached?: boolean
}

/** Scores how well a target's answer preserves the baseline's. */
export interface Comparator {
  /** As in a spec: `exact`, `json:category,priority`. */
  readonly name: string
  compare(pair: AnswerPair): Comparison | Promise<Comparison>
}

/** A finding, with what is the same in most. */
export function comparison(
  comparator: string,
  found: Omit<Comparison, 'comparator' | 'isError'> & { readonly passed: boolean },
): Comparison {
  return { comparator, isError: false, ...found }
}

/** A comparator that could not tell; `why` is for a person. */
export function failedComparison(comparator: string, why: string): Comparison {
  return { comparator, score: 0, passed: null, detail: why, isError: true }
}
