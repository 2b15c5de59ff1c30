import { describe, expect, it } from 'vitest'

import * as protocol from '../src/index.ts'

describe('@agent-stream/protocol', () => {
  it('exports these values and no others', () => {
    expect(Object.keys(protocol).sort()).toMatchInlineSnapshot(`
      [
        "AgentStreamError",
        "EMPTY_RUN_STATE",
        "MAX_LINE_CHARS",
        "MAX_MESSAGE_CHARS",
        "RUN_FAILED",
        "SESSION_END",
        "asksForTools",
        "countCodePoints",
        "crc32",
        "createFold",
        "createRecordingReader",
        "createSseReader",
        "decodeEvent",
        "decodePayload",
        "detectDialect",
        "encodeEvent",
        "encodePayload",
        "endLine",
        "endRun",
        "eventLine",
        "eventLineOf",
        "fold",
        "hasValidChecksum",
        "headerLine",
        "parseRecording",
        "payloadOf",
        "plainText",
        "snakeCase",
        "spacedJson",
        "sseText",
        "withChecksum",
      ]
    `)
  })
})
