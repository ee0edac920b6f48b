/** What a system call refused with. Made without a stack: one unreadable file among many is no rare event. */
import { errno as numbers } from './error-numbers.ts'

const nameOf = new Map<number, string>()
for (const [name, number] of Object.entries(numbers)) {
  // Two names for one number: the first is the one people know (EAGAIN before EWOULDBLOCK, and no WSA… of Windows).
  if (!nameOf.has(number) && !name.startsWith('WSA')) nameOf.set(number, name)
}

export class SystemError extends Error {
  override readonly name = 'SystemError'
  /** Such as ENOENT. */
  readonly code: string
  /** Positive, as the platform numbers it. */
  readonly errno: number
  readonly call: string

  constructor(errno: number, call: string) {
    const code = errorName(errno)
    super(`${call}: ${code}`)
    this.code = code
    this.errno = errno
    this.call = call
  }
}

/** The name of a positive error number; EUNKNOWN<number> for one that Node does not list. */
export function errorName(errno: number): string {
  return nameOf.get(errno) ?? `EUNKNOWN${errno}`
}

/** Returns what a call returned, or throws when that is a negative error number. */
export function checked(result: number, call: string): number {
  if (result >= 0) return result
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    throw new SystemError(-result, call)
  } finally {
    Error.stackTraceLimit = limit
  }
}

export function isSystemError(error: unknown, code?: string): error is SystemError {
  return error instanceof SystemError && (code === undefined || error.code === code)
}
