/** What a loop does about a failure: try again, have something mended first, or give up. */
export type Remedy = 'retry' | 'repair' | 'stop'

export interface FailureOptions {
  readonly remedy?: Remedy
  /** A command or deed that helps: `run: backstay-collector scrub`. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * A foreseen failure. The code never changes and may cross the wire; the message names the thing, is lower case,
 * has no full stop and never holds a secret or file content.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly remedy: Remedy
  readonly hint: string | undefined

  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy ?? 'stop'
    this.hint = options.hint
  }
}

export function isFailure(error: unknown, code?: string): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code)
}

/**
 * What a person does next: the failure's own hint, or what its remedy means. Nobody is left with an error alone.
 * `command` is the one that failed, such as `backstay token`.
 */
export function nextStep({ hint, remedy }: Failure, command: string): string {
  if (hint !== undefined) return hint
  switch (remedy) {
    case 'retry':
      return 'try again in a moment; what was acknowledged is kept and is not sent again'
    case 'repair':
      return 'see what is damaged: backstay-agent verify on the device, backstay-collector scrub beside the store'
    case 'stop':
      return `see: ${command} --help`
    default:
      return unreachable(remedy)
  }
}

/** For our own mistakes, never for input: it crashes. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unexpected ${String(value)}`)
}
