/** What the operating system says about a pack, in our codes. */
import { Failure } from '@backstay/proto/failure'

const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG']

export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function storeFailure(name: string, deed: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const code = systemCode(cause)
  if (code !== undefined && fullCodes.includes(code)) return storeFull(cause)
  if (code === 'ENOENT') {
    return new Failure('pack_missing', `pack "${name}" is not in the store`, {
      remedy: 'repair',
      hint: 'run: backstay-collector scrub',
      cause,
    })
  }
  if (code === 'EEXIST') return new Failure('pack_exists', `pack "${name}" exists already`, { cause })
  if (code === 'EIO' && deed === 'read') {
    return new Failure('pack_unreadable', `pack "${name}" cannot be read: the disk reports an error`, {
      remedy: 'repair',
      hint: 'check the disk, then run: backstay-collector scrub',
      cause,
    })
  }
  return new Failure('store_failed', `cannot ${deed} pack "${name}" (${code ?? String(cause)})`, {
    remedy: 'retry',
    cause,
  })
}

export function storeFull(cause?: unknown): Failure {
  return new Failure('store_full', 'the collector has no room for more', {
    remedy: 'retry',
    hint: 'free or add disk space; backups go on by themselves',
    cause,
  })
}
