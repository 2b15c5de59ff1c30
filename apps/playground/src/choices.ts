import type { ClientMode } from './stage.ts'

export interface Choices {
  readonly recording: string | null
  /** 1 is the recording's own pace. */
  readonly speed: number
  readonly clients: ClientMode
}

/** What the page's address asks for, so that a choice can be linked to. */
export function readChoices(search: string): Choices {
  const query = new URLSearchParams(search)
  const speed = Number(query.get('speed') ?? 1)
  return {
    recording: query.get('recording'),
    speed: speed > 0 ? speed : 1,
    clients: query.get('clients') === 'own' ? 'own' : 'shared',
  }
}

export function writeChoices({ recording, speed, clients }: Choices): string {
  return `?${new URLSearchParams({ ...(recording && { recording }), speed: String(speed), clients })}`
}
