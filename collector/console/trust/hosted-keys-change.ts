/** Whether keys may be opened in the page that the collector serves, from the next version of Trust on. Pure. */
import { Failure } from '@backstay/proto/failure'
import type { TrustDocument } from '@backstay/proto/trust/trust'

export interface HostedKeysChange {
  readonly kind: 'hosted-keys'
  readonly allowed: boolean
}

/** Throws `nothing_changes`. */
export function withHostedKeys(document: TrustDocument, { allowed }: HostedKeysChange) {
  const { flags } = document
  if (flags.hostedKeys === allowed) {
    throw new Failure(
      'nothing_changes',
      `keys in the page of the collector are ${allowed ? '' : 'not '}allowed already`,
    )
  }
  return {
    document: { ...document, flags: { ...flags, hostedKeys: allowed } },
    lines: allowed ? warning : end,
  }
}

const warning: readonly string[] = [
  'Keys may be opened in the page that the collector serves. Whoever controls the collector from then on, a thief as well, can',
  'serve another page, which takes the key of the first admin who opens one there: with it, all that is backed up can be read.',
  'Nothing else in Backstay trusts the collector. A banner says it on every page for as long as it is so.',
  'Without this, backstay console does the same on your own machine.',
]
const end: readonly string[] = [
  'Keys are no longer opened in the page that the collector serves; backstay console does that on your own machine.',
  'A key that was opened there before was in the hands of whoever controlled the collector then: make it anew if you doubt.',
]
