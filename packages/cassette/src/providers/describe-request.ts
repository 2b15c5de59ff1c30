import { isObject, type JsonObject, listOr, objectOr, parseJson } from '../json-object.ts'
import type { ModelRequest, ProviderName } from './provider.ts'

/** What a request is, as its address and body tell. */
export interface RequestDescription {
  /** Whose wire it speaks, whoever answers it; null for a request to no model, or none that is known. */
  readonly wire: ProviderName | null
  readonly model: string | null
  /** It asks for the answer as a stream. */
  readonly isStreaming: boolean
  /** The parsed body; undefined where it is no JSON. */
  readonly body: unknown
}

/** The ends of paths, behind whatever base: `/v1`, Azure's deployments, a gateway's own. */
const PATHS: readonly (readonly [RegExp, ProviderName])[] = [
  [/\/chat\/completions\/?$/, 'openai'],
  [/\/responses(\/[^/]+)?\/?$/, 'openai-responses'],
  [/(?<!\/threads\/[^/]+)\/messages\/?$/, 'anthropic'],
  [/:(streamG|g)enerateContent$/, 'gemini'],
]

/** Tells by path, then by body and host, whose wire a request speaks: Azure, gateways and local servers included. */
export function describeRequest(request: ModelRequest): RequestDescription {
  const url = parseUrl(request.url)
  const body = parseJson(
    typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body),
  )
  const fields = objectOr(body)
  const path = url?.pathname ?? ''
  const wire = wireOf(path, url?.hostname ?? '', fields)
  return {
    wire,
    model: typeof fields.model === 'string' ? fields.model : modelInPath(path),
    isStreaming: fields.stream === true || url?.searchParams.get('stream') === 'true' || isStreamPath(path),
    body,
  }
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

function wireOf(path: string, host: string, body: JsonObject): ProviderName | null {
  const known = PATHS.find(([end]) => end.test(path))?.[1]
  const wire = known ?? wireOfBody(body)
  return wire === 'openai' && host.includes('mistral') ? 'mistral' : wire
}

/** For addresses that say nothing, by what only one wire has. */
function wireOfBody(body: JsonObject): ProviderName | null {
  if (Array.isArray(body.contents)) return 'gemini'
  if (Array.isArray(body.messages)) return isAnthropicBody(body) ? 'anthropic' : 'openai'
  const isResponses =
    Array.isArray(body.input) && body.input.some((item) => isObject(item) && (item.role || item.type))
  return isResponses || body.instructions ? 'openai-responses' : null
}

function isAnthropicBody({
  anthropic_version,
  system,
  tools,
  messages,
  stop_sequences,
}: JsonObject): boolean {
  if (anthropic_version || system || stop_sequences) return true
  if (listOr(tools).some((tool) => objectOr(tool).input_schema)) return true
  const blocks = listOr(messages).flatMap((message) => listOr(objectOr(message).content))
  return blocks.some((block) =>
    /^(tool_use|tool_result|thinking|document)$/.test(String(objectOr(block).type)),
  )
}

/** The model where an address names it: Gemini and Vertex, Bedrock, Azure. */
function modelInPath(path: string): string | null {
  const name = /\/(?:models|model|deployments)\/([^/:]+)/.exec(path)?.[1]
  if (name === undefined) return null
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Whether an address asks for a stream by its name: Gemini and Vertex, Bedrock. */
function isStreamPath(path: string): boolean {
  return /:stream|-stream$/i.test(path)
}
