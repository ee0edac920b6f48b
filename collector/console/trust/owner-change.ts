/** Who are the owners from the next version of Trust on, and how many of them must sign. Pure. */
import { equalBytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { TrustDocument } from '@backstay/proto/trust/trust'
import { ownersMax } from '@backstay/proto/trust/trust-document'
import type { OwnerRequest } from './owner-request.ts'

export type OwnerChange =
  /** `request`: see owner-request.ts. */
  | { readonly kind: 'add-owner'; readonly request: string }
  /** `key`: in hexadecimal digits. */
  | { readonly kind: 'remove-owner'; readonly key: string }
  /** So many owners must sign from then on. */
  | { readonly kind: 'threshold'; readonly count: number }

interface Changed {
  readonly document: TrustDocument
  readonly lines: readonly string[]
}

/** Throws `key_taken`, `name_taken`, `too_many_owners`. */
export function withOwner(document: TrustDocument, { name, key, fingerprint }: OwnerRequest): Changed {
  const { owners, admins, threshold } = document
  if ([...owners, ...admins].some(one => equalBytes(one.key, key)))
    throw new Failure('key_taken', 'this key is in Trust already')
  if (owners.some(({ label }) => label === name))
    throw new Failure('name_taken', `there is an owner "${name}" already`)
  if (owners.length >= ownersMax)
    throw new Failure('too_many_owners', `a fleet has ${ownersMax} owners at most`)
  return {
    document: { ...document, owners: [...owners, { key, label: name }] },
    lines: [
      `“${name}” becomes an owner. ${threshold} of then ${owners.length + 1} owner(s) must sign.`,
      `Compare with ${name}, by voice: ${fingerprint}.`,
      ...(threshold === 1
        ? ['Until more must sign, each owner alone can change Trust, and remove the others.']
        : []),
    ],
  }
}

/** Throws `unknown_owner`, and `too_few_owners` when fewer would be left than must sign. */
export function withoutOwner(document: TrustDocument, key: string): Changed {
  const { owners, threshold } = document
  const gone = owners.find(one => hex(one.key) === key)
  if (gone === undefined) throw new Failure('unknown_owner', 'no owner of this fleet has this key')
  const left = owners.filter(one => one !== gone)
  if (left.length < threshold) {
    throw new Failure('too_few_owners', `${left.length} owner(s) would be left, and ${threshold} must sign`, {
      hint: 'first have fewer sign: backstay owners threshold',
    })
  }
  return {
    document: { ...document, owners: left },
    lines: [`“${gone.label}” is an owner no longer. ${threshold} of then ${left.length} owner(s) must sign.`],
  }
}

/** Throws `nothing_changes`, `too_few_owners`. */
export function withThreshold(document: TrustDocument, count: number): Changed {
  const { owners, threshold } = document
  if (count === threshold) throw new Failure('nothing_changes', `${count} owner(s) must sign already`)
  if (!Number.isSafeInteger(count) || count < 1 || count > owners.length)
    throw new Failure('too_few_owners', `this fleet has ${owners.length} owner(s): ${count} cannot sign`)
  return {
    document: { ...document, threshold: count },
    lines: [
      `${count} of ${owners.length} owners must sign every change of Trust from then on.`,
      ...(count === owners.length && count > 1
        ? [
            'When one of these keys is lost, Trust can never change again: have one owner more than must sign.',
          ]
        : []),
    ],
  }
}
