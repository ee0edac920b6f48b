/** What SQLite says, in our codes. Numbers: https://www.sqlite.org/rescode.html */
import { Failure } from '@backstay/proto/failure'

const busy = 5
const readOnly = 8
const inputOutput = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const notADatabase = 26

export function sqliteFailure(cause: unknown): unknown {
  const kind = kindOf(cause)
  if (kind === undefined || !(cause instanceof Error)) return cause
  if (kind === full || kind === inputOutput || kind === busy || kind === readOnly || kind === cannotOpen) {
    return new Failure('catalog_unavailable', `the catalog cannot be used now (${cause.message})`, {
      remedy: 'retry',
      hint: 'check that the disk has room and is writable',
      cause,
    })
  }
  if (kind === corrupt || kind === notADatabase) {
    return new Failure('catalog_damaged', 'the catalog file is damaged; the packs are not', {
      remedy: 'repair',
      hint: 'run: backstay-collector rebuild',
      cause,
    })
  }
  return cause
}

/** Somebody else holds a lock. */
export function isBusy(cause: unknown): boolean {
  return kindOf(cause) === busy
}

function kindOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number')
    return undefined
  // The low byte is the kind, the rest says more about it.
  return cause.errcode & 0xff
}
