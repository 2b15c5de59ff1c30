import { describe, expect, it } from 'vitest'

import { createProgress, progressLine } from '../src/progress.ts'

describe('progressLine', () => {
  it('says how far it is, how fast, and what is left', () => {
    expect(progressLine(250e6, 1000e6, 2, '7 sessions')).toBe(
      '██████░░░░░░░░░░░░░░░░░░ 25 %  250 MB  125 MB/s  6 s left  7 sessions',
    )
  })

  it('has no bar where the size is not known', () => {
    expect(progressLine(250e6, 0, 2, '7 sessions')).toBe('250 MB  125 MB/s  7 sessions')
  })
})

describe('createProgress', () => {
  it('draws ten times a second at most, not for short work, and clears its line', () => {
    const drawn: string[] = []
    let now = 0
    const progress = createProgress({ draw: (line) => drawn.push(line) }, 100, () => now)
    for (now = 0; now < 250; now += 10) progress.update(now / 10, () => 'note')
    progress.clear()
    expect(drawn).toHaveLength(3)
    expect(drawn.at(-1)).toBe('')
  })
})
