export { canonicalJson, parseExactly } from './canonical-json.ts'
export { type CassetteOptions, cassette, type OpenCassette } from './cassette.ts'
export { CassetteError, type CassetteErrorCode } from './cassette-error.ts'
export { type Clock, systemClock } from './clock.ts'
export type { AnswerPair, Comparator, Comparison } from './compare/comparator.ts'
export {
  COMPARATOR_NAMES,
  type ComparatorOptions,
  compareAnswers,
  createComparators,
} from './compare/create-comparators.ts'
export type { Embed } from './compare/embedding-comparator.ts'
export { type AskJudge, type JudgeQuestion, type JudgeReply, judgeKey } from './compare/judge-comparator.ts'
export { matchingRatio } from './compare/matching-ratio.ts'
export type {
  AssistantMessage,
  Conversation,
  Image,
  Message,
  MessagePart,
  ResponseFormat,
  ThinkingBlock,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  ToolMessage,
  UserMessage,
} from './conversation/conversation.ts'
export { promptText, renderResponse } from './conversation/prompt-text.ts'
export { SEMANTIC_KEY_VERSION, semanticKey } from './conversation/semantic-key.ts'
export { semanticKeyV1 } from './conversation/semantic-key-v1.ts'
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
export {
  autoFetch,
  type CassetteFetch,
  type ReplayFetchOptions,
  recordingFetch,
  replayFetch,
} from './fetches.ts'
export { duplicateCassettes } from './hygiene/duplicates.ts'
export { type ScanFinding, type ScanOptions, scanStore } from './hygiene/scan.ts'
export { parseRefName, refName, unusedCassettes } from './hygiene/unused.ts'
export { readUsed } from './hygiene/used-file.ts'
export {
  type CassetteKey,
  cassetteIdOf,
  cassetteKeyOf,
  type KeyFields,
  type KeyOptions,
  keyFields,
} from './key/cassette-key.ts'
export { type Fingerprint, fingerprint } from './key/fingerprint.ts'
export {
  type KeyFunction,
  keyOfRequest,
  type RequestKey,
  type RequestKeyOptions,
} from './key/key-of-request.ts'
export { type RequestFacts, requestFacts } from './key/request-facts.ts'
export type { CassetteMode } from './mode.ts'
export { type AnswerTimes, answerTimes, conversationOf, decodeExchange } from './providers/decode-exchange.ts'
export { type DecodedResponse, DecodeError } from './providers/decoded-response.ts'
export { describeRequest, type RequestDescription } from './providers/describe-request.ts'
export type {
  BuildOptions,
  BuiltRequest,
  ModelRequest,
  Provider,
  ProviderName,
} from './providers/provider.ts'
export {
  PROVIDERS,
  providerForHost,
  providerForModel,
  providerForRequest,
  providerNamed,
} from './providers/providers.ts'
export { decodeJson, decodeStream } from './providers/read-answer.ts'
export {
  createResponseMeter,
  type ResponseMeasure,
  type ResponseMeter,
  type ResponseMeterOptions,
} from './providers/response-meter.ts'
export type { TokenUsage } from './providers/token-usage.ts'
export { Capture, type CaptureCause, type CaptureOptions } from './record/capture.ts'
export {
  type CassetteWriter,
  type CassetteWriterOptions,
  createCassetteWriter,
  PARTIAL_PREFIX,
  type WriteRequest,
} from './record/cassette-writer.ts'
export type { RecordErrors } from './record/record-policy.ts'
export type { Expiry } from './replay/expiry.ts'
export type { AfterLast } from './replay/shelf.ts'
export { createExchangeScrubber, type ExchangeScrubber } from './scrub/exchange-scrubber.ts'
export { createRequestScrubbers } from './scrub/request-secrets.ts'
export { scrubExchange } from './scrub/scrub-exchange.ts'
export { scrubUrl } from './scrub/scrub-url.ts'
export { type CassetteFetchOptions, cassetteFetch, install, withCassette } from './seam/with-cassette.ts'
export type { SessionUse } from './session.ts'
export type { LiveOptions, SessionOptions } from './session-options.ts'
export { type Interval, type Mean, meanDifference, meanOf } from './statistics/mean.ts'
export { comparePasses, type PairedOutcome } from './statistics/paired.ts'
export { wilsonInterval } from './statistics/wilson.ts'
export type {
  Cassette,
  CassetteRef,
  CassetteStore,
  StoreEntry,
  StoreProblem,
  WriteOptions,
} from './store/cassette-store.ts'
export { decompress } from './store/decompress.ts'
export { type FileStoreOptions, fileStore } from './store/file-store.ts'
export { memoryStore } from './store/memory-store.ts'
