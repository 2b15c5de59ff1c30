/** What a request is found by. */
export interface CassetteKey {
  /** 1: the fingerprints of agentrec's corpora. */
  readonly version: 1 | 2
  /** `openai`, `anthropic`, …; the host of one that is not known. */
  readonly provider: string
  readonly model?: string
  /** SHA-256 in hexadecimal. */
  readonly hash: string
}
