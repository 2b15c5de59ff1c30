import type { Embed } from '../compare/embedding-comparator.ts'
import { bodyBytes } from '../exchange.ts'
import { isObject, listOr, objectOr, parseJson } from '../json-object.ts'
import { sha256 } from '../key/digest.ts'
import { idText } from '../key/id-text.ts'
import { openai } from '../providers/openai.ts'
import { requireKey } from './api-key.ts'
import type { ModelAccess } from './ask-judge.ts'
import { JUDGE_PREFIX } from './corpus.ts'
import type { KeptCalls } from './kept-calls.ts'

const BASE_URL = 'https://api.openai.com/v1'

/** Embeds texts by OpenAI's API, or another of its form, through `calls`. */
export function embedTexts(calls: KeptCalls, { apiKey, baseUrl }: ModelAccess): Embed {
  return async (texts, model) => {
    const { cassette } = await calls({
      id: `${JUDGE_PREFIX}${idText(model)}__${sha256(JSON.stringify([model, ...texts])).slice(0, 32)}`,
      provider: openai,
      metadata: { embedding_model: model },
      request() {
        const access = requireKey(model, openai, apiKey(openai), baseUrl)
        return {
          url: `${(access.baseUrl ?? BASE_URL).replace(/\/+$/, '')}/embeddings`,
          headers: {
            'content-type': 'application/json',
            ...(access.apiKey !== undefined && { authorization: `Bearer ${access.apiKey}` }),
          },
          body: { model, input: texts, encoding_format: 'float' },
          notes: [],
        }
      },
    })
    return vectorsIn(new TextDecoder().decode(bodyBytes(cassette.exchange)))
  }
}

function vectorsIn(json: string): readonly (readonly number[])[] {
  const entries = listOr(objectOr(parseJson(json)).data).filter(isObject)
  return entries.map(({ embedding }) => listOr(embedding).map(Number))
}
