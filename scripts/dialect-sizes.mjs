// What each dialect alone adds to an app that imports useAgentStream, minified and with gzip. Fails past its limit.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
// @ts-expect-error It has no types.
import esbuild from '@size-limit/esbuild'
// @ts-expect-error It has no types.
import file from '@size-limit/file'
import sizeLimit from 'size-limit'

/** 2.5 KB. */
const LIMIT_BYTES = 2560

const [app] = JSON.parse(readFileSync('.size-limit.json', 'utf8'))
const dialects = {
  'ai-sdk-ui': '{ aiSdkUi }',
  'ag-ui': '{ agUi }',
  'openai-chat': '{ openaiChat }',
  'openai-responses': '{ openaiResponses }',
  'anthropic-messages': '{ anthropicMessages }',
}

/** What a dialect brings along, and is an entry of its own. */
const JSON_PATCH = { [resolve('packages/protocol/dist/json-patch.js')]: '{ applyPatch }' }

const [alone = 0, withPatch = 0, ...withDialect] = await sizesOf([
  {},
  JSON_PATCH,
  ...Object.entries(dialects).map(([entry, name]) => ({
    ...(entry === 'ag-ui' && JSON_PATCH),
    [resolve(`packages/protocol/dist/dialects/${entry}.js`)]: name,
  })),
])
for (const [index, entry] of Object.keys(dialects).entries()) {
  const added = (withDialect[index] ?? 0) - (entry === 'ag-ui' ? withPatch : alone)
  const isTooMuch = added > LIMIT_BYTES
  console.log(`${entry.padEnd(20)} + ${added} of ${LIMIT_BYTES} bytes${isTooMuch ? ': too much' : ''}`)
  if (isTooMuch) process.exitCode = 1
}

console.log(`json-patch           + ${withPatch - alone} bytes, which ag-ui brings along`)

/**
 * The app's size with each of these imports beside its own, in bytes, minified and with gzip.
 * @param {readonly Record<string, string>[]} imports by file
 */
async function sizesOf(imports) {
  const checks = imports.map((more) => ({
    files: [],
    import: { [resolve(app.path)]: app.import, ...more },
    ignore: app.ignore,
    gzip: true,
    modifyEsbuildConfig: (/** @type {object} */ config) => ({ ...config, logLevel: 'error' }),
  }))
  const results = await sizeLimit([file, esbuild].flat(), { cwd: process.cwd(), checks })
  return /** @type {{ size: number }[]} */ (results).map(({ size }) => size)
}
