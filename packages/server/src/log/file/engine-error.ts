import { LogError } from '../log-error.ts'

/** What a failing file system means for the caller. `doing`: like "write the log of run 7f…". */
export function engineError(doing: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return new LogError('not_found', `Cannot ${doing}: its file is gone`, { cause })
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new LogError('unavailable', `Cannot ${doing}: ${code === 'ENOSPC' ? 'the disk is full' : reason}`, {
    cause,
  })
}
