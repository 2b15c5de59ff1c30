import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conversation } from '../../src/conversation/conversation.ts'
import { describeRequest } from '../../src/providers/describe-request.ts'
import type { BuildOptions, Provider, ProviderName } from '../../src/providers/provider.ts'
import { PROVIDERS } from '../../src/providers/providers.ts'

const ALL = Object.values(PROVIDERS)
const MODELS: Readonly<Record<ProviderName, string>> = {
  openai: 'gpt-4o',
  'openai-responses': 'gpt-4.1',
  anthropic: 'claude-haiku-4-5',
  gemini: 'gemini-2.5-flash',
  mistral: 'mistral-small-latest',
}

function build(name: ProviderName, conversation: Conversation, options: Partial<BuildOptions> = {}) {
  return PROVIDERS[name].buildRequest(conversation, { model: MODELS[name], ...options })
}

/** What a conversation asks, without where it came from, the ids of its calls, and what is only set on some wires. */
function asked(conversation: Conversation): unknown {
  const { system, messages, tools, toolChoice } = conversation
  const plain = messages.map((message) => {
    if (message.role === 'tool') return { role: message.role, content: message.content }
    if (message.role === 'user') return { role: message.role, content: message.content, parts: message.parts }
    return {
      ...message,
      toolCalls: message.toolCalls?.map(({ name, arguments: args }) => ({ name, args })),
      thinking: undefined,
    }
  })
  return { system, messages: plain, tools: tools?.map(({ isStrict: _, ...tool }) => tool), toolChoice }
}

const through = (provider: Provider, conversation: Conversation) =>
  provider.readConversation(JSON.parse(JSON.stringify(build(provider.name, conversation).body)))

const agent: Conversation = {
  system: 'Use the tools.',
  messages: [
    { role: 'user', content: 'Add and multiply 2 and 3.' },
    {
      role: 'assistant',
      content: 'Both at once.',
      toolCalls: [
        { id: 'call_a', name: 'add', arguments: { a: 2, b: 3 } },
        { id: 'call_b', name: 'multiply', arguments: { a: 2, b: 3 } },
      ],
    },
    { role: 'tool', toolCallId: 'call_a', content: '5' },
    { role: 'tool', toolCallId: 'call_b', content: '6' },
    { role: 'user', content: 'And once more.' },
  ],
  tools: [
    {
      name: 'add',
      description: 'Adds.',
      parameters: { type: 'object', properties: { a: { type: 'integer' } } },
    },
    { name: 'multiply' },
  ],
  toolChoice: 'required',
}

describe.each(ALL.map(({ name }) => name))('a conversation asked of %s', (name) => {
  const provider = PROVIDERS[name]

  it('is read again as it was', () => {
    const read = asked(through(provider, agent))
    const expected = asked(agent)
    // Anthropic requires a schema.
    if (name === 'anthropic') expect(read).toMatchObject({ messages: (expected as Conversation).messages })
    else expect(read).toEqual(expected)
  })

  it.each(['auto', 'none', 'required', { name: 'add' }] as const)('chooses its tools by %j', (toolChoice) => {
    expect(through(provider, { ...agent, toolChoice }).toolChoice).toEqual(toolChoice)
  })

  it('links results to calls that have no id', () => {
    const [user, call, ...rest] = agent.messages
    if (call?.role !== 'assistant') throw new Error('no call')
    const toolCalls = call.toolCalls?.map((each) => ({ ...each, id: null }))
    const anonymous = rest.map((message) =>
      message.role === 'tool' ? { ...message, toolCallId: null } : message,
    )
    const messages = [user, { ...call, toolCalls }, ...anonymous] as Conversation['messages']
    const read = through(provider, { ...agent, messages })
    const ids = read.messages.flatMap((message) =>
      message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id, name: tool }) => id ?? tool) : [],
    )
    const linked = read.messages.flatMap((message) => (message.role === 'tool' ? [message.toolCallId] : []))
    expect(linked).toEqual(ids)
    expect(new Set(ids).size).toBe(2)
  })

  it('asks for JSON', () => {
    const { body, notes } = build(name, {
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'x' }],
      responseFormat: { type: 'json_object' },
    })
    expect(notes).toEqual(name === 'anthropic' ? ['JSON is asked for in the system text'] : [])
    if (name === 'anthropic')
      expect(body.system).toBe(
        'Be brief.\n\nRespond with only a single JSON object. No prose, no markdown code fences.',
      )
    else expect(provider.readConversation(body).responseFormat).toEqual({ type: 'json_object' })
  })

  it('keeps the limit, the stop sequences where there are some, and nothing it was not given', () => {
    const conversation = {
      system: null,
      messages: [{ role: 'user', content: 'x' }],
      maxTokens: 77,
      stop: ['END'],
    } as const
    const built = build(name, conversation)
    const read = provider.readConversation(built.body)
    expect(read.maxTokens).toBe(77)
    if (name === 'openai-responses')
      expect(built.notes).toEqual(['OpenAI has no stop sequences here: they are not sent'])
    else expect(read.stop).toEqual(['END'])
    const bare = build(name, { system: null, messages: [{ role: 'user', content: 'x' }] })
    expect(bare.notes).toEqual([])
    expect(provider.readConversation(bare.body).maxTokens).toBe(name === 'anthropic' ? 4096 : undefined)
  })

  it('carries images', () => {
    const parts = [
      { type: 'text', text: 'before ' },
      { type: 'image', mediaType: 'image/png', base64: 'aGk=' },
      { type: 'text', text: 'after' },
    ] as const
    const conversation: Conversation = {
      system: null,
      messages: [{ role: 'user', content: 'before after', parts }],
    }
    expect(asked(through(provider, conversation))).toEqual(asked(conversation))
  })

  it('is addressed, with its key in a header', () => {
    const built = build(name, agent, { apiKey: 'secret', baseUrl: 'http://127.0.0.1:9/base/', stream: true })
    const body = JSON.stringify(built.body)
    expect(describeRequest({ method: 'POST', url: built.url, body })).toMatchObject({
      wire: name === 'mistral' ? 'openai' : name,
      model: MODELS[name],
      isStreaming: true,
    })
    expect(built.url).toMatch(/^http:\/\/127\.0\.0\.1:9\/base\/[a-z]/)
    expect(built.url + body).not.toContain('secret')
    expect(Object.values(built.headers).join()).toContain('secret')
  })
})

const PAIRS = new URL('../pairs/', import.meta.url)
const recorded = readdirSync(PAIRS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { request } = JSON.parse(readFileSync(new URL(name, PAIRS), 'utf8'))
    const { wire, body } = describeRequest({
      method: request.method,
      url: request.url,
      body: request.body_text ?? '',
    })
    return wire && body ? [{ name, wire, body }] : []
  })

describe.each(recorded)('the recorded request $name', ({ wire, body }) => {
  const read = () => PROVIDERS[wire].readConversation(body)
  const hasServerTool = JSON.stringify(body).includes('openrouter:web_search')

  it.each(ALL)('can be asked of $name', (provider) => {
    if (hasServerTool) {
      expect(read).toThrow(/tool of type openrouter:web_search/)
      return
    }
    const conversation = read()
    const again = through(provider, conversation)
    const plain = (each: Conversation) => JSON.parse(JSON.stringify(asked(each)))
    expect(plain(again).messages).toEqual(plain(conversation).messages)
    expect(again.system).toBe(conversation.system)
    expect(again.tools?.map(({ name }) => name)).toEqual(conversation.tools?.map(({ name }) => name))
  })
})

describe('buildRequest', () => {
  const hello: Conversation = {
    provider: 'openai',
    system: null,
    messages: [{ role: 'user', content: 'Hi' }],
    temperature: 0.3,
    maxTokens: 9,
  }

  it.each(['o1', 'o3-mini', 'o4-mini', 'gpt-5', 'gpt-5-mini-2025-08-07', 'gpt-5.1', 'openai/gpt-5', 'gpt-6'])(
    'takes %s for a reasoning model',
    (model) => {
      const { body, notes } = build('openai', hello, { model })
      expect(body).toMatchObject({ max_completion_tokens: 9 })
      expect(body).not.toHaveProperty('temperature')
      expect(body).not.toHaveProperty('max_tokens')
      expect(notes).toEqual(['temperature 0.3 is not sent'])
    },
  )

  it.each([
    'gpt-4o',
    'gpt-4.1-mini',
    'gpt-5-chat-latest',
    'gpt-3.5-turbo',
    'ft:gpt-4o:acme::x',
    'gpt-oss-120b',
  ])('takes %s for one that takes a temperature', (model) => {
    expect(build('openai', hello, { model }).body).toMatchObject({ max_tokens: 9, temperature: 0.3 })
  })

  it('sends a temperature only to the provider that it was meant for', () => {
    expect(build('openai-responses', hello).body).toMatchObject({ temperature: 0.3 })
    for (const name of ['anthropic', 'gemini', 'mistral'] as const) {
      const { body, notes } = build(name, hello)
      expect(JSON.stringify(body)).not.toContain('temperature')
      expect(notes).toEqual(['temperature 0.3 is not sent'])
    }
    const own = { ...hello, provider: 'anthropic' } as const
    expect(build('anthropic', own).body).toMatchObject({ temperature: 0.3 })
    expect(build('anthropic', own, { model: 'claude-opus-4-8' }).body).not.toHaveProperty('temperature')
    expect(build('anthropic', own, { model: 'claude-fable-5' }).body).not.toHaveProperty('temperature')
  })

  it('says what of a request is not carried over', () => {
    const conversation = PROVIDERS.openai.readConversation({
      model: 'gpt-4o',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
      top_p: 0.5,
      seed: null,
      reasoning_effort: 'low',
    })
    expect(build('anthropic', conversation).notes).toEqual(['not carried over: top_p, reasoning_effort'])
  })

  it('gives tool calls ids that the wire takes, and results the same', () => {
    const kimi: Conversation = {
      system: null,
      messages: [
        {
          role: 'assistant',
          content: '',
          toolCalls: [{ id: 'functions.add:0', name: 'add', arguments: {} }],
        },
        { role: 'tool', toolCallId: 'functions.add:0', content: '5' },
      ],
    }
    const idsIn = (name: ProviderName) =>
      JSON.stringify(build(name, kimi).body)
        .match(/"(?:id|tool_call_id|tool_use_id|call_id)":"[^"]+"/g)
        ?.map((field) => JSON.parse(`{${field}}`))
        .map((field) => Object.values(field)[0])
    expect(idsIn('openai')).toEqual(['functions.add:0', 'functions.add:0'])
    for (const [name, form] of [
      ['mistral', /^[0-9a-z]{9}$/],
      ['anthropic', /^toolu_[0-9a-f]{24}$/],
    ] as const) {
      const [call, result] = idsIn(name) ?? []
      expect(call).toMatch(form)
      expect(result).toBe(call)
    }
  })

  it('holds models to one call, and arguments to their schema, where that can be said', () => {
    const strict: Conversation = {
      ...agent,
      toolChoice: 'auto',
      allowsParallelToolCalls: false,
      tools: [{ name: 'add', parameters: {}, isStrict: true }],
    }
    expect(build('openai', strict).body).toMatchObject({
      parallel_tool_calls: false,
      tools: [{ function: { strict: true } }],
    })
    expect(build('openai-responses', strict).body).toMatchObject({
      parallel_tool_calls: false,
      tools: [{ type: 'function', strict: true }],
    })
    expect(build('anthropic', strict).body).toMatchObject({
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect(build('gemini', strict).notes).toEqual(['Gemini cannot be held to one tool call an answer'])
  })

  it('gives thoughts back to the provider that had them, and to no other', () => {
    const thought = { type: 'thinking', thinking: 'Hm.', signature: 'sig' }
    const conversation = PROVIDERS.anthropic.readConversation({
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [thought, { type: 'tool_use', id: 'toolu_1', name: 'add', input: {} }],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '5', is_error: true }],
        },
      ],
    })
    expect(build('anthropic', conversation)).toMatchObject({
      body: {
        messages: [{}, { content: [thought, { type: 'tool_use' }] }, { content: [{ is_error: true }] }],
      },
      notes: [],
    })
    const other = build('openai', conversation)
    expect(JSON.stringify(other.body)).not.toContain('Hm.')
    expect(other.notes).toEqual(['what the model thought in earlier turns is not sent'])
  })

  it('carries a schema to those who hold answers to it', () => {
    const responseFormat = {
      type: 'json_schema',
      name: 'pet',
      schema: { type: 'object' },
      isStrict: true,
    } as const
    const conversation: Conversation = { ...hello, responseFormat }
    expect(build('openai', conversation).body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'pet', schema: { type: 'object' }, strict: true },
    })
    expect(build('openai-responses', conversation).body.text).toEqual({
      format: { type: 'json_schema', name: 'pet', schema: { type: 'object' }, strict: true },
    })
    expect(build('gemini', conversation).body.generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object' },
    })
    expect(() => build('anthropic', conversation)).toThrow(/does not hold every answer to a JSON schema/)
  })

  it('tells OpenAI of its JSON mode, which refuses requests that say nothing of it', () => {
    const json: Conversation = { ...hello, responseFormat: { type: 'json_object' } }
    expect(build('openai', json).body.messages).toMatchObject([
      { role: 'system', content: 'Respond in JSON.' },
      {},
    ])
    expect(build('openai-responses', { ...json, system: 'Be brief.' }).body.instructions).toBe(
      'Be brief.\n\nRespond in JSON.',
    )
    expect(build('openai', { ...json, system: 'Give me json.' }).body.messages).toMatchObject([
      { content: 'Give me json.' },
      {},
    ])
  })

  it('refuses what the target cannot be asked', () => {
    const image: Conversation = {
      system: null,
      messages: [{ role: 'user', content: '', parts: [{ type: 'image', url: 'https://x/y.png' }] }],
    }
    expect(() => build('gemini', image)).toThrow(/bytes of an image, and this one is an address/)
    const broken: Conversation = {
      system: null,
      messages: [
        { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'add', arguments: '{"a": 1' }] },
      ],
    }
    expect(() => build('anthropic', broken)).toThrow(
      /arguments of an earlier call of add are not a JSON object/,
    )
    expect(JSON.stringify(build('openai', broken).body)).toContain(String.raw`"arguments":"{\"a\": 1"`)
  })

  it('lets roles alternate where they have to', () => {
    const { body } = build('anthropic', agent)
    expect((body.messages as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ])
  })
})

describe('readConversation', () => {
  const user = { role: 'user', content: 'x' }
  const image = { type: 'image_url', image_url: { url: 'https://x' } }
  it.each<[ProviderName, unknown, RegExp]>([
    ['openai', null, /no JSON object as its body/],
    ['openai', { model: 'm' }, /no list of messages/],
    ['openai', { messages: [] }, /no message of a user/],
    ['openai', { messages: [user], functions: [{ name: 'f' }] }, /legacy functions/],
    ['openai', { messages: [user, { role: 'function', name: 'f', content: '1' }] }, /legacy functions/],
    ['openai', { messages: [user], n: 3 }, /3 answers at once/],
    ['openai', { messages: [user, { role: 'system', content: 'late' }] }, /system message comes after/],
    ['openai', { messages: [user], tools: [{ type: 'web_search' }] }, /tool of type web_search/],
    ['openai', { messages: [user], web_search_options: {} }, /web_search/],
    ['openai', { messages: [user], modalities: ['text', 'audio'] }, /audio/],
    [
      'openai',
      { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
      /part of type input_audio/,
    ],
    [
      'openai',
      { messages: [{ role: 'tool', tool_call_id: 'a', content: [image] }] },
      /tool result has a part of type image_url/,
    ],
    ['openai', { messages: [{ role: 'narrator', content: 'x' }] }, /role narrator/],
    ['openai', { messages: [user], response_format: { type: 'grammar' } }, /format grammar/],
    ['openai', { messages: [user], tool_choice: { type: 'allowed_tools' } }, /allowed_tools/],
    ['openai-responses', { model: 'm' }, /no input/],
    [
      'openai-responses',
      { input: 'x', previous_response_id: 'resp_1' },
      /provider keeps: previous_response_id/,
    ],
    ['openai-responses', { input: 'x', tools: [{ type: 'file_search' }] }, /server tool file_search/],
    ['openai-responses', { input: [{ type: 'web_search_call' }] }, /item of type web_search_call/],
    [
      'anthropic',
      { messages: [user], tools: [{ type: 'web_search_20250305', name: 'w' }] },
      /server tool web_search_20250305/,
    ],
    ['anthropic', { messages: [user], mcp_servers: [{}] }, /MCP servers/],
    [
      'anthropic',
      { messages: [{ role: 'user', content: [{ type: 'document' }] }] },
      /block of type document/,
    ],
    ['gemini', { contents: [{ parts: [{ fileData: {} }] }] }, /part with fileData/],
    [
      'gemini',
      { contents: [{ parts: [{ text: 'x' }] }], tools: [{ google_search: {} }] },
      /server tool googleSearch/,
    ],
    [
      'gemini',
      { contents: [{ parts: [{ text: 'x' }] }], generationConfig: { candidateCount: 2 } },
      /2 answers/,
    ],
  ])('refuses a request of %s with one reason, %#', (name, body, reason) => {
    expect(() => PROVIDERS[name].readConversation(body)).toThrow(reason)
    expect(() => PROVIDERS[name].readConversation(body)).toThrow(
      expect.objectContaining({ name: 'UnsupportedRequestError' }),
    )
  })

  it('reads a Responses conversation of items', () => {
    const conversation = PROVIDERS['openai-responses'].readConversation({
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'In English.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look: ' },
            { type: 'input_image', image_url: 'data:image/png;base64,aGk=' },
          ],
        },
        { type: 'reasoning', id: 'rs_1', encrypted_content: 'x', summary: [] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I see.' }] },
        { type: 'function_call', call_id: 'call_1', name: 'add', arguments: '{"a":1}' },
        { type: 'function_call', call_id: 'call_2', name: 'now', arguments: '' },
        { type: 'function_call_output', call_id: 'call_1', output: '5' },
        { type: 'function_call_output', call_id: 'call_2', output: 'noon' },
      ],
    })
    expect(conversation).toMatchObject({
      system: 'Be brief.\n\nIn English.',
      messages: [
        {
          role: 'user',
          content: 'Look: ',
          parts: [{ text: 'Look: ' }, { mediaType: 'image/png', base64: 'aGk=' }],
        },
        {
          role: 'assistant',
          content: 'I see.',
          toolCalls: [
            { id: 'call_1', arguments: { a: 1 } },
            { id: 'call_2', arguments: {} },
          ],
          thinking: [{ provider: 'openai-responses' }],
        },
        { role: 'tool', toolCallId: 'call_1', content: '5' },
        { role: 'tool', toolCallId: 'call_2', content: 'noon' },
      ],
    })
    expect(build('openai-responses', conversation).body.input).toHaveLength(7)
  })

  it("gives Gemini's calls ids, and its results those of the calls that they name", () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } })
    const result = (name: string, content: string) => ({ functionResponse: { name, response: { content } } })
    const conversation = PROVIDERS.gemini.readConversation({
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        { role: 'model', parts: [call('add'), call('now'), call('add')] },
        {
          role: 'user',
          parts: [result('now', 'noon'), result('add', '1'), result('add', '2'), result('none', '3')],
        },
      ],
    })
    const { messages } = build('openai', conversation).body as {
      messages: { tool_calls?: { id: string }[]; tool_call_id?: string; content: string }[]
    }
    expect(messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))).toEqual([
      'call_0',
      'call_1',
      'call_2',
    ])
    expect(messages.slice(2).map(({ tool_call_id, content }) => [tool_call_id, content])).toEqual([
      ['call_1', 'noon'],
      ['call_0', '1'],
      ['call_2', '2'],
      ['none', '3'],
    ])
  })

  it('never fails in any other way, whatever the request', () => {
    const keys =
      'role content messages contents parts input type text tool_calls function name arguments tools tool_choice functionCall functionResponse source system response_format image_url'.split(
        ' ',
      )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(
          null,
          true,
          1,
          '',
          'user',
          'assistant',
          'tool',
          'system',
          'model',
          'text',
          'function',
          'tool_use',
          'message',
          'reasoning',
          'x',
        ),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.constantFrom(...ALL), tree, tree, (from, to, list, rest) => {
        try {
          const body = { ...(rest as object), messages: [list], contents: [list], input: [list] }
          const parsed: unknown = JSON.parse(JSON.stringify(body))
          to.buildRequest(from.readConversation(parsed), { model: 'm' })
        } catch (error) {
          expect(error).toHaveProperty('name', 'UnsupportedRequestError')
        }
      }),
      { numRuns: 3000 },
    )
  })

  it("reads Gemini's schemas in JSON Schema's words", () => {
    const parameters = { type: 'OBJECT', properties: { type: { type: 'STRING' } } }
    const { tools } = PROVIDERS.gemini.readConversation({
      contents: [{ parts: [{ text: 'x' }] }],
      tools: [{ functionDeclarations: [{ name: 'f', parameters }] }],
    })
    expect(tools?.[0]?.parameters).toEqual({ type: 'object', properties: { type: { type: 'string' } } })
  })
})
