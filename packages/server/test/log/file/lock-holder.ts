/** Locks the folder that it is given, says whether it could, and stays. Run by folder-lock.test.ts. */
import { lockFolder } from '../../../src/log/file/folder-lock.ts'
import { LogError } from '../../../src/log/log-error.ts'

try {
  lockFolder(process.argv[2] as string)
  process.stdout.write('locked\n')
} catch (error) {
  process.stdout.write(error instanceof LogError && error.code === 'locked' ? 'refused\n' : `${error}\n`)
}
process.stdin.resume()
