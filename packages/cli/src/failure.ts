/**
 * Something the command could not do, in one line for stderr. Exit code 1: the work failed; 2: the command was
 * called in a way that it does not understand.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
