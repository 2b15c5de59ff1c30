/** Where answers come from: recordings, else the network (`auto`); always the network; never. */
export type CassetteMode = 'auto' | 'record' | 'replay'

export type Environment = Readonly<Record<string, string | undefined>>

/** The variable that turns `auto` into another mode for one run: `AGENT_STREAM_CASSETTES=record npm test`. */
const VARIABLE = 'AGENT_STREAM_CASSETTES'

/**
 * The mode that counts. `auto` is what `AGENT_STREAM_CASSETTES` says; where that says nothing it is `replay` under CI,
 * so that no call goes out unnoticed, unless `isLiveInCi`. Throws `TypeError` for what is no mode.
 */
export function modeOf(mode: CassetteMode, isLiveInCi: boolean, environment: Environment): CassetteMode {
  checkMode('mode', mode)
  if (mode !== 'auto') return mode
  const said = environment[VARIABLE]
  if (said) return checkMode(VARIABLE, said)
  return isCi(environment) && !isLiveInCi ? 'replay' : 'auto'
}

function checkMode(name: string, mode: string): CassetteMode {
  if (mode === 'auto' || mode === 'record' || mode === 'replay') return mode
  throw new TypeError(`${name} is ${JSON.stringify(mode)}; expected "auto", "record" or "replay"`)
}

function isCi({ CI }: Environment): boolean {
  return CI !== undefined && !/^(?:|0|false|no)$/i.test(CI)
}
