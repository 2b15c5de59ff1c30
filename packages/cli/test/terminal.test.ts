import { EventEmitter } from 'node:events'

import { describe, expect, it } from 'vitest'

import { createInterrupts } from '../src/interrupts.ts'
import { createTerminal, printable } from '../src/terminal.ts'

/** A stream that keeps what is written; full after each write if `isSlow`. */
function fakeStream(isTTY: boolean, isSlow = false) {
  const emitter = new EventEmitter()
  const written: string[] = []
  const stream = Object.assign(emitter, {
    isTTY,
    columns: 20,
    write(text: string) {
      written.push(text)
      return !isSlow
    },
  })
  return { stream: stream as unknown as NodeJS.WriteStream, written, drain: () => emitter.emit('drain') }
}

describe('createTerminal', () => {
  it('draws on the last line, and clears it before anything else is said', () => {
    const stderr = fakeStream(true)
    const terminal = createTerminal(fakeStream(false).stream, stderr.stream)
    terminal.draw('50 % and much more than fits')
    terminal.warn('oh')
    terminal.draw('')
    expect(stderr.written).toEqual(['\r\x1b[K50 % and much more ', '\r\x1b[K', 'agent-stream: oh\n'])
  })

  it('draws nothing where there is no terminal', () => {
    const stderr = fakeStream(false)
    createTerminal(fakeStream(false).stream, stderr.stream).draw('50 %')
    expect(stderr.written).toEqual([])
  })

  it('waits until its reader takes more', async () => {
    const stdout = fakeStream(false, true)
    const terminal = createTerminal(stdout.stream, fakeStream(false).stream)
    let isDone = false
    const printed = terminal.print('x').then(() => {
      isDone = true
    })
    await Promise.resolve()
    expect(isDone).toBe(false)
    stdout.drain()
    await printed
  })
})

describe('printable', () => {
  it('takes out what a terminal would obey', () => {
    expect(printable('a\x1b[2Jb\nc\x07\x9b')).toBe('a [2Jb c  ')
  })
})

describe('createInterrupts', () => {
  function interrupts() {
    const story: string[] = []
    const process = Object.assign(new EventEmitter(), {
      pid: 7,
      kill: (pid: number, signal: string) => story.push(`kill ${pid} ${signal}`),
    })
    const { interrupted } = createInterrupts(process as unknown as NodeJS.Process, () => story.push('clean'))
    return { story, interrupted, press: () => process.emit('SIGINT') }
  }

  it('cleans up, and lets the process end by the signal', () => {
    const { story, press } = interrupts()
    press()
    expect(story).toEqual(['clean', 'kill 7 SIGINT'])
  })

  it('lets a command end what it does, once', () => {
    const { story, interrupted, press } = interrupts()
    const signal = interrupted()
    press()
    expect(signal.aborted).toBe(true)
    expect(story).toEqual(['clean'])
    press()
    expect(story).toEqual(['clean', 'clean', 'kill 7 SIGINT'])
  })
})
