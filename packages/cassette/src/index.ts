export { canonicalJson, parseExactly } from './canonical-json.ts'
export { CassetteError, type CassetteErrorCode } from './cassette-error.ts'
export type { AnswerPair, Comparator, Comparison } from './compare/comparator.ts'
export type {
  AssistantMessage,
  Conversation,
  Image,
  Message,
  ResponseFormat,
  ThinkingBlock,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  ToolMessage,
  UserMessage,
} from './conversation/conversation.ts'
export { UnsupportedRequestError } from './conversation/unsupported-request-error.ts'
export {
  type BreakPlace,
  bodyBytes,
  type CapturedChunk,
  type CapturedRequest,
  type CapturedResponse,
  type Exchange,
  type ExchangeEnd,
  type HeaderPair,
  headerValue,
} from './exchange.ts'
export type { CassetteKey } from './key/cassette-key.ts'
export type { ModelPrice, PriceSnapshot, PriceTable, Rates } from './prices/price-table.ts'
export { type DecodedResponse, DecodeError } from './providers/decoded-response.ts'
export type {
  BuildOptions,
  BuiltRequest,
  ModelRequest,
  Provider,
  ProviderName,
} from './providers/provider.ts'
export type { TokenUsage } from './providers/token-usage.ts'
export type {
  Cassette,
  CassetteRef,
  CassetteStore,
  StoreEntry,
  StoreProblem,
  WriteOptions,
} from './store/cassette-store.ts'
