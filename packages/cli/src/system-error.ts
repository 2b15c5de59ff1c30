/** What kept a file from being read or written, or a port from being opened, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'no such file or folder'
    case 'EACCES':
    case 'EPERM':
      return 'no permission'
    case 'EISDIR':
      return 'is a folder'
    case 'EEXIST':
      return 'exists already'
    case 'EADDRINUSE':
      return 'is taken; 0 finds one that is free'
    case 'ENOTDIR':
      return 'is below something that is no folder'
    case 'EADDRNOTAVAIL':
      return 'is no address of this machine'
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return code ?? message
  }
}
