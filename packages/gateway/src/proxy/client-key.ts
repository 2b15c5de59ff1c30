import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether what was given is the secret, in a time that says nothing of either. */
export function isSecret(given: string | undefined, secret: string): boolean {
  if (given === undefined) return false
  // Of equal length, whatever was given.
  return timingSafeEqual(digest(given), digest(secret))
}

const digest = (text: string) => createHash('sha256').update(text).digest()
