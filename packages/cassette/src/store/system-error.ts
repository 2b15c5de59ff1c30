export function systemCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

/** No such file or folder. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT'
}
