import { once } from 'node:events'
import { access, constants, mkdir, stat } from 'node:fs/promises'

import type { Gateway, GatewayOptions, TargetOptions } from '@agent-stream/gateway'
import type { Command } from 'commander'

import { CommandFailure } from '../failure.ts'
import { integerFrom, numberFrom } from '../number-argument.ts'
import type { ExitCode, Shell } from '../shell.ts'
import { reasonOf } from '../system-error.ts'
import type { Terminal } from '../terminal.ts'

const HELP = `
Environment (secrets do not belong on a command line, where others see them):
  AGENT_STREAM_GATEWAY_TOKEN  opens /debug/, the live page, for those who have it; without one it is closed
  AGENT_STREAM_GATEWAY_KEY    what clients have to send in the header x-agent-stream-key

Examples:
  agent-stream gateway --target https://api.openai.com --record recordings
  agent-stream gateway --target /openai=https://api.openai.com --target /anthropic=https://api.anthropic.com
  agent-stream gateway --replay recordings --speed 2

Then give your SDK the address that is printed, with what its own has behind the host: http://127.0.0.1:8787/v1

A line for each call goes to stdout. Ctrl-C or SIGTERM lets calls under way end, and writes what is recorded.
Exit codes: 0 ended, 1 it could not begin.`

interface GatewayCommandOptions {
  readonly target?: readonly TargetOptions[]
  readonly port: number
  readonly host: string
  readonly record?: string
  readonly sample: number
  readonly keep?: number
  readonly replay?: string
  readonly speed: number
  readonly token?: string
  readonly showPrompts?: boolean
  readonly drain: number
  readonly json?: boolean
}

export function gatewayCommand(command: Command): Command {
  return command
    .summary('stand before an LLM API: record and measure its streams')
    .description('Passes calls on to an LLM API as they come, and records and measures them meanwhile.')
    .option('--target <url>', 'the API; for several, /prefix=url, more than once', targetArgument)
    .option('--port <n>', 'listen on this port', integerFrom(0, 65_535, '8787'), 8787)
    .option('--host <address>', 'listen on this address; any other lets other machines in', '127.0.0.1')
    .option('--record <folder>', 'record calls into this folder, without their secrets')
    .option('--sample <share>', 'record this share of them', shareArgument, 1)
    .option('--keep <MiB>', 'remove the oldest recordings beyond this size', numberFrom(1, '1024'))
    .option('--replay <folder>', 'answer from recordings, and ask no API')
    .option('--speed <n>', 'with --replay: so many times faster; 0: at once', numberFrom(0, '1 or 0.5'), 1)
    .option('--token <token>', 'opens /debug/; better by the environment')
    .option('--show-prompts', 'let /debug/calls show what was asked and answered, scrubbed')
    .option('--drain <s>', 'at the end, wait so long for calls under way', numberFrom(0, '30'), 30)
    .option('--json', 'a JSON object a line for each call')
    .addHelpText('after', HELP)
}

export async function gateway(options: GatewayCommandOptions, shell: Shell): Promise<ExitCode> {
  const { record, replay, port, host, drain } = options
  if (record !== undefined) await checkRecordFolder(record)
  if (replay !== undefined) await checkReplayFolder(replay)
  const stopped = shell.interrupted()
  const started = await create(options, shell.terminal)
  const url = await listen(started, port, host)
  announce(url, options, shell.terminal)
  if (!stopped.aborted) await once(stopped, 'abort')
  shell.terminal.say('ending: waiting for calls under way')
  await started.close(drain * 1000)
  return 0
}

/** The gateway's packages are loaded for those who want one. */
async function create(options: GatewayCommandOptions, terminal: Terminal): Promise<Gateway> {
  const { callLine, createGateway } = await import('@agent-stream/gateway')
  const format = options.json ? 'json' : 'text'
  try {
    return createGateway({
      ...gatewayOptions(options),
      onCall: (report) => void terminal.print(`${callLine(report, format)}\n`),
    })
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(error.message, 2)
    throw error
  }
}

function gatewayOptions(options: GatewayCommandOptions): GatewayOptions {
  const { target, record, sample, keep, replay, speed, showPrompts = false } = options
  const token = options.token ?? process.env.AGENT_STREAM_GATEWAY_TOKEN
  const clientKey = process.env.AGENT_STREAM_GATEWAY_KEY
  return {
    ...(target && { target }),
    ...(replay !== undefined && { replay: { folder: replay, speed } }),
    ...(record !== undefined && {
      record: { folder: record, sampleRate: sample, ...(keep && { maxBytes: Math.round(keep * 2 ** 20) }) },
    }),
    ...(token && { token }),
    ...(clientKey && { clientKey }),
    isPromptShown: showPrompts,
  }
}

async function listen(started: Gateway, port: number, host: string): Promise<string> {
  try {
    return (await started.listen(port, host)).url
  } catch (error) {
    await started.close(0)
    throw new CommandFailure(`${host}:${port}: ${reasonOf(error)}`)
  }
}

function announce(url: string, options: GatewayCommandOptions, { say }: Terminal): void {
  const { target = [], record, replay, token } = options
  for (const { prefix = '', url: api } of target) say(`${url}${prefix} passes calls on to ${api}`)
  if (replay !== undefined) say(`${url} answers from the recordings in ${replay}`)
  if (record !== undefined) say(`recording into ${record}`)
  say(`${url}/health/streaming, ${url}/metrics`)
  const hasToken = Boolean(token ?? process.env.AGENT_STREAM_GATEWAY_TOKEN)
  say(hasToken ? `${url}/debug/ with the token as password` : 'no token: /debug/ is closed')
  say('Ctrl-C ends')
}

function targetArgument(text: string, before: readonly TargetOptions[] = []): readonly TargetOptions[] {
  const [, prefix, url = text] = /^(\/[^=:]*)=(.*)$/s.exec(text) ?? []
  return [...before, { url, ...(prefix !== undefined && { prefix }) }]
}

function shareArgument(text: string): number {
  const share = numberFrom(0, '0.1')(text)
  if (share > 1) throw new CommandFailure(`--sample is ${share}; expected a share from 0 to 1`, 2)
  return share
}

/** Said before the first call, and not found out by it. */
async function checkRecordFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    throw new CommandFailure(`--record ${folder}: ${reasonOf(error)}`)
  }
}

async function checkReplayFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error) => {
    throw new CommandFailure(`--replay ${folder}: ${reasonOf(error)}`)
  })
  if (!found.isDirectory()) throw new CommandFailure(`--replay ${folder}: is no folder`)
}
