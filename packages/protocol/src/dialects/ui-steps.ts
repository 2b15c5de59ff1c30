/** The steps of a UI message, and the turns of the run as far as they are the same. */
export interface UiSteps {
  /** The step that is open, counted from 1. */
  current(): number
  /** A part is to be written: opens a step, the next one if that is due and `canLeave` allows it. */
  begin(canLeave: () => boolean): void
  /** The next part belongs to another step. */
  due(): void
  /** A turn begins. */
  turn(): void
  /** The step that holds all that was written since the turn began, and no more; 0 where nothing was. */
  ofTurn(): number | undefined
  /** The open step is empty again. */
  reset(): void
  /** Nothing more is written. */
  end(): void
}

export function createUiSteps(write: (type: 'start-step' | 'finish-step') => void): UiSteps {
  let step = 0
  let isOpen = false
  let isUsed = false
  let isDue = false
  /** The step of this turn's parts: 0 before the first, `undefined` once they are in several, or with others. */
  let turnStep: number | undefined = 0

  function end(): void {
    if (isOpen) write('finish-step')
    isOpen = isUsed = isDue = false
  }

  return {
    current: () => step,
    begin(canLeave) {
      if (isDue && isUsed && canLeave()) end()
      const isFresh = !isUsed
      if (!isOpen) {
        step++
        isOpen = true
        write('start-step')
      }
      if (isFresh) isDue = false
      isUsed = true
      if (turnStep === 0) turnStep = isFresh ? step : undefined
      else if (turnStep !== step) turnStep = undefined
    },
    due() {
      isDue = true
    },
    turn() {
      turnStep = 0
      isDue = true
    },
    ofTurn: () => turnStep,
    reset() {
      isUsed = isDue = false
      turnStep = 0
    },
    end,
  }
}
