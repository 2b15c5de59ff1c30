import { errorMonitor } from 'node:events'
import type { Readable, Writable } from 'node:stream'

import type { RecordSession } from './record-session.ts'
import type { OpenSession } from './tap-iterable.ts'

/** Records what is read from the stream, however that is done. Gives the same object. */
export function tapReadable(source: Readable, open: OpenSession): Readable {
  let session: RecordSession | undefined
  const { emit } = source
  const opened = (): RecordSession => {
    session ??= open()
    return session
  }
  // Every way of reading tells of each chunk with this event, also `read()` and `for await`.
  source.emit = function tapped(this: Readable, name: string | symbol, ...args: unknown[]): boolean {
    if (name === 'data') opened().take(args[0])
    else if (name === 'end') opened().end('complete')
    else if (name === 'error') session?.end('error')
    else if (name === 'close') session?.end('aborted')
    return Reflect.apply(emit, this, [name, ...args]) as boolean
  }
  return source
}

/** Records what is written to the stream, as a server does with its response. Gives the same object. */
export function tapWritable(target: Writable, open: OpenSession): Writable {
  let session: RecordSession | undefined
  /** In HTTP/2, `end` writes what it is given. */
  let isEnding = false
  const { write, end } = target

  function take([chunk, encoding]: readonly unknown[]): void {
    if (isEnding || chunk === undefined || chunk === null || typeof chunk === 'function') return
    session ??= open()
    const isCoded = typeof chunk === 'string' && typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
    session.take(isCoded ? Buffer.from(chunk, encoding as BufferEncoding) : chunk)
  }

  target.write = function tapped(this: Writable, ...args: unknown[]): boolean {
    const hasRoom = Reflect.apply(write, this, args) as boolean
    take(args)
    return hasRoom
  } as Writable['write']
  target.end = function tapped(this: Writable, ...args: unknown[]): Writable {
    take(args)
    isEnding = true
    return Reflect.apply(end, this, args) as Writable
  } as Writable['end']
  target.once('finish', () => session?.end('complete'))
  target.once('close', () => session?.end('aborted'))
  // Not a listener of errors: they would then be taken for handled.
  target.once(errorMonitor, () => session?.end('error'))
  return target
}
