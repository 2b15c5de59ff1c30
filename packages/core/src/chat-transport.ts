// The entry itself, not its file: a chunk that both share would take the order of imports away that `index.ts` asks for.
import { AgentStreamClient } from '@agent-stream/core'
import {
  type AiSdkUiChunk,
  type AiSdkUiEncoderOptions,
  aiSdkUiWire,
} from '@agent-stream/protocol/dialects/ai-sdk-ui'

import { createChatStream } from './chat-stream.ts'
import type { AgentStreamClientOptions } from './options.ts'
import { type KeepRunOptions, keepRun } from './storage.ts'

export type { AiSdkUiChunk } from '@agent-stream/protocol/dialects/ai-sdk-ui'

type HeaderFields = Headers | Readonly<Record<string, string>>
type Resolvable<T> = T | (() => T | Promise<T>)

/** What the AI SDK asks a transport to send. */
export interface ChatSendOptions<Message> {
  readonly trigger: 'submit-message' | 'regenerate-message'
  readonly chatId: string
  readonly messageId: string | undefined
  readonly messages: Message[]
  readonly abortSignal: AbortSignal | undefined
  readonly headers?: HeaderFields | undefined
  readonly body?: object | undefined
  readonly metadata?: unknown
}

/** What `prepareSendMessagesRequest` is given, and what it may change of the request. */
export interface ChatRequest<Message> {
  readonly id: string
  readonly messages: Message[]
  readonly trigger: ChatSendOptions<Message>['trigger']
  readonly messageId: string | undefined
  readonly api: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
  readonly requestMetadata: unknown
}

export interface ChatTransportOptions<Message>
  extends Omit<AgentStreamClientOptions, 'headers' | 'batch' | 'onFlush' | 'inspect'>,
    Pick<AiSdkUiEncoderOptions, 'isDynamic' | 'messageMetadata'> {
  /** Where runs are started; put after `baseUrl` unless absolute. Default `/api/runs`. */
  readonly api?: string
  /** Added to every request; a function is asked for each message. */
  readonly headers?: Resolvable<HeaderFields>
  /** Added to the body of every message; a function is asked for each. */
  readonly body?: Resolvable<object>
  /** Changes a message's request. Default body: the fields above, `id`, `messages`, `trigger`, `messageId`. */
  readonly prepareSendMessagesRequest?: (
    request: ChatRequest<Message>,
  ) =>
    | Partial<Pick<ChatRequest<Message>, 'api' | 'headers' | 'body'>>
    | PromiseLike<Partial<Pick<ChatRequest<Message>, 'api' | 'headers' | 'body'>>>
  /**
   * What becomes of the run when the chat is stopped. `useChat` also stops its chat when its component goes, and does
   * not say which it was: with `detach`, the run goes on, and `cancel` ends it. Default `cancel`.
   */
  readonly onStop?: 'cancel' | 'detach'
  /** Where a chat's run is remembered until it has ended, so that it is found after a reload. Default `sessionStorage`. */
  readonly storage?: KeepRunOptions['storage']
  /** Under which name. Default `agent-stream:<chat id>`. */
  readonly storageKey?: (chatId: string) => string
}

/** The AI SDK's `ChatTransport`, and the answers to a run that waits for them. */
export interface ChatTransport<Message> {
  /** What is resumed is told from its beginning. */
  readonly resumeStreamIsReplay: true
  sendMessages(options: ChatSendOptions<Message>): Promise<ReadableStream<AiSdkUiChunk>>
  reconnectToStream(options: {
    readonly chatId: string
    readonly abortSignal?: AbortSignal | undefined
    readonly headers?: HeaderFields | undefined
  }): Promise<ReadableStream<AiSdkUiChunk> | null>
  /**
   * Answers a question, or an approval, of the chat's run while it waits for it. Rejects with `TypeError` if there is
   * no such run, and with `AgentStreamError` when the server refuses.
   */
  respond(chatId: string, inputId: string, answer: unknown): Promise<void>
  /** Asks the server to end the chat's run. Rejects as `respond` does. */
  cancel(chatId: string): Promise<void>
  /** Watches no chat any more. Their runs go on. */
  close(): void
}

/**
 * Lets `useChat` read agent streams: with this client's retries, resumption and honest endings. Stopping the chat
 * cancels its run on the server (see `onStop`); leaving the page does not, and `resume` finds it again.
 */
export function createChatTransport<Message = unknown>(
  options: ChatTransportOptions<Message> = {},
): ChatTransport<Message> {
  const { api = '/api/runs', storageKey = (chatId: string) => `agent-stream:${chatId}` } = options
  const clients = new Map<string, AgentStreamClient>()

  /** A client for one run of a chat; that of the former goes its own way. */
  function open(chatId: string, headers: HeaderFields | undefined): AgentStreamClient {
    const client = new AgentStreamClient({
      ...options,
      headers: async () => ({ ...fieldsOf(await resolved(options.headers)), ...fieldsOf(headers) }),
    })
    clients.set(chatId, client)
    return client
  }

  const keepOptions = (chatId: string) => ({
    key: storageKey(chatId),
    ...(options.storage && { storage: options.storage }),
  })

  /** A chat that resumes again aborts the former stream: then its run has a watcher, and is not stopped. */
  function stopOnAbort(chatId: string, client: AgentStreamClient, signal: AbortSignal | undefined): void {
    const isCancelled = () => options.onStop !== 'detach' && clients.get(chatId) === client
    const abort = () => queueMicrotask(() => (isCancelled() ? client.stop() : client.detach()))
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  }

  function clientOf(chatId: string): AgentStreamClient {
    const client = clients.get(chatId)
    if (!client) throw new TypeError(`Chat ${JSON.stringify(chatId)} has no run in this transport`)
    return client
  }

  async function requestOf(given: ChatSendOptions<Message>) {
    const { chatId: id, messages, trigger, messageId, metadata } = given
    const more = { ...(await resolved(options.body)), ...given.body }
    const headers = fieldsOf(given.headers)
    const request = { id, messages, trigger, messageId, api, headers, body: more, requestMetadata: metadata }
    const prepared = await options.prepareSendMessagesRequest?.(request)
    return { api, headers, body: { ...more, id, messages, trigger, messageId }, ...prepared }
  }

  return {
    resumeStreamIsReplay: true,
    async sendMessages(given) {
      const { chatId, abortSignal } = given
      const request = await requestOf(given)
      const client = open(chatId, request.headers)
      const chat = createChatStream(client, { ...options, ...aiSdkUiWire.optionsOf(given) })
      client.start(request.api, request.body, chat.callbacks).catch(chat.fail)
      keepRun(client, keepOptions(chatId))
      stopOnAbort(chatId, client, abortSignal)
      return chat.stream
    },
    async reconnectToStream({ chatId, abortSignal, headers }) {
      const client = open(chatId, headers)
      const chat = createChatStream(client, options)
      keepRun(client, { ...keepOptions(chatId), callbacks: chat.callbacks })
      if (!client.getSnapshot().isStreaming) return null
      stopOnAbort(chatId, client, abortSignal)
      if (await chat.begun) return chat.stream
      const { error, outcome } = client.getSnapshot()
      await chat.stream.cancel()
      // A run that is gone, or that nobody wants any more, is none to resume.
      if (outcome !== 'failed' || GONE.has(statusOf(error))) return null
      throw error
    },
    respond: async (chatId, inputId, answer) => clientOf(chatId).respond(inputId, answer),
    cancel: async (chatId) => clientOf(chatId).cancel(),
    close() {
      for (const client of clients.values()) client.detach()
      clients.clear()
    },
  }
}

const GONE: ReadonlySet<number | undefined> = new Set([404, 410])

function statusOf(error: object | null): number | undefined {
  return (error as { readonly status?: number } | null)?.status
}

async function resolved<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return typeof value === 'function' ? (value as () => T | Promise<T>)() : value
}

function fieldsOf(headers: HeaderFields | undefined): Record<string, string> {
  return headers ? Object.fromEntries(new Headers(headers as HeadersInit).entries()) : {}
}
