import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { callLine } from '../../src/calls/call-line.ts'
import { reportedCalls } from '../support/calls.ts'
import { bodyOf, fakeApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** None of them is anybody's. */
const random = 'x7Kq2Lm9Pz4Rt8Vw3Yb6Nc1Dd5Ff0Gh'
const OPENAI = `sk-proj-${random}`
const ANTHROPIC = `sk-ant-api03-${random}`
const GOOGLE = `AIza${random}abc`
const GITHUB = `ghp_${random}abcd`
const AWS = 'AKIAIOSFODNN7EXAMPLQ'
const SESSION = `session-${random}-1`
const COOKIE = `cookie-${random}-2`
const QUERY = `query-${random}-3`
const PASSWORD = `password-${random}-4`
const ORGANISATION = `org-${random}-5`
const TOKEN = 'the token of the page'
const CLIENT_KEY = 'the key of the clients'

const SECRETS = {
  OPENAI,
  ANTHROPIC,
  GOOGLE,
  GITHUB,
  AWS,
  SESSION,
  COOKIE,
  QUERY,
  PASSWORD,
  ORGANISATION,
  TOKEN,
  CLIENT_KEY,
}

const HEADERS = {
  authorization: `Bearer ${OPENAI}`,
  'x-api-key': ANTHROPIC,
  'api-key': ANTHROPIC,
  'x-goog-api-key': GOOGLE,
  cookie: `a=b; session=${COOKIE}`,
  'proxy-authorization': `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`,
  'helicone-auth': `Bearer ${SESSION}`,
  'openai-organization': ORGANISATION,
  'x-forwarded-access-token': SESSION,
  'x-agent-stream-key': CLIENT_KEY,
  referer: `https://user:${PASSWORD}@example.com/?api_key=${QUERY}`,
}

const delta = (content: string) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`

/** The answer repeats what it was sent: in one piece, over messages, and over the borders of chunks. */
function answerPieces(): Buffer[] {
  const inOne = delta(`Your key is ${OPENAI}, and ${AWS}.`)
  const overMessages = [...(`${ANTHROPIC} and ${GITHUB} `.match(/.{1,5}/g) ?? [])].map(delta).join('')
  const text = Buffer.from(
    `: ${GOOGLE}\n\n${inOne}${overMessages}${delta(`again: ${SESSION}`)}data: [DONE]\n\n`,
  )
  const pieces: Buffer[] = []
  for (let from = 0; from < text.length; from += 7) pieces.push(text.subarray(from, from + 7))
  return pieces
}

const QUESTION = {
  model: `m-${GITHUB}`,
  stream: true,
  messages: [
    { role: 'system', content: `Use ${AWS} and {"password": "${PASSWORD}"}` },
    { role: 'user', content: `My key: ${OPENAI}` },
  ],
  metadata: { api_key: ANTHROPIC, session_token: SESSION },
}

async function send(url: string, path: string, body: unknown): Promise<string> {
  const sent = request(`${url}${path}`, {
    method: 'POST',
    headers: { ...HEADERS, 'content-type': 'application/json' },
  })
  const text = Buffer.from(JSON.stringify(body))
  for (let from = 0; from < text.length; from += 11) sent.write(text.subarray(from, from + 11))
  sent.end()
  return new Promise((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => bodyOf(response).then(resolve, reject))
  })
}

function secretsIn(text: string): string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []))
}

describe('secrets', { timeout: 30_000 }, () => {
  it('pass to whom they are for, and are in no file, line, metric or page', async () => {
    const folder = temporaryFolder()
    const calls = reportedCalls()
    const received: string[] = []
    const api = await fakeApi(async (incoming, response) => {
      received.push(JSON.stringify(incoming.headers) + incoming.url + (await bodyOf(incoming)))
      const headers = { 'set-cookie': `session=${COOKIE}; Path=/`, 'x-echo-api-key': OPENAI }
      if (incoming.url?.startsWith('/v1/broken')) {
        response.writeHead(401, { ...headers, 'content-type': 'application/json' })
        response.end(
          JSON.stringify({ error: { message: `Incorrect API key provided: ${OPENAI}`, type: 'auth' } }),
        )
        return
      }
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' })
      for (const piece of answerPieces()) response.write(piece)
      response.end()
    })
    const { url, gateway } = await startGateway({
      target: api.url,
      record: { folder },
      token: TOKEN,
      clientKey: CLIENT_KEY,
      isPromptShown: true,
      onCall: calls.onCall,
    })
    const query = `?key=${GOOGLE}&api_key=${QUERY}&access_token=${SESSION}`
    expect(await send(url, `/v1/chat/completions${query}`, QUESTION)).toBe(
      Buffer.concat(answerPieces()).toString(),
    )
    await send(url, `/v1/broken/chat/completions${query}`, QUESTION)
    const reports = await calls.until(2)
    for (const secret of [OPENAI, ANTHROPIC, GOOGLE, COOKIE, QUERY, AWS])
      expect(received[0]).toContain(secret)
    expect(received[0]).not.toContain(CLIENT_KEY)

    const asked = { headers: { authorization: `Bearer ${TOKEN}` } }
    for (const path of ['/debug/calls', '/metrics', '/health/streaming', '/debug/']) {
      const response = await fetch(url + path, asked)
      expect(response.status, path).toBe(200)
      expect(secretsIn(await response.text()), path).toEqual([])
    }
    for (const report of reports) {
      expect(secretsIn(callLine(report, 'text') + callLine(report, 'json') + JSON.stringify(report))).toEqual(
        [],
      )
    }
    await gateway.close()
    const names = readdirSync(folder)
    expect(names.length).toBeGreaterThanOrEqual(3)
    for (const name of names) {
      const text = readFileSync(join(folder, name), 'utf8')
      expect(secretsIn(name + text + text.replaceAll('\\"', '"')), name).toEqual([])
      // Nor in pieces that only have to be put together again.
      const joined = text.replace(/[^A-Za-z0-9]/g, '')
      expect(joined, name).not.toContain(random)
    }
  })
})
