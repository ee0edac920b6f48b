/** Other keys of the collector, in two versions of Trust: announced beside those of today, then alone. Pure. */
import { equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { collectorKeysFingerprint, readCollectorKeys } from '@backstay/proto/trust/collector-keys'
import type { TrustDocument } from '@backstay/proto/trust/trust'

export type CollectorChange =
  /** `keys`: what `backstay-collector next-keys` printed (proto/trust/collector-keys.ts). */
  | { readonly kind: 'announce'; readonly keys: string }
  /** The keys that were announced take the place of those of today. */
  | { readonly kind: 'switch' }

interface Changed {
  readonly document: TrustDocument
  readonly lines: readonly string[]
}

/** Throws `bad_collector_keys`, and `nothing_changes` when they are announced already. An announcement that was not followed is taken back. */
export async function withAnnounced(p: Primitives, document: TrustDocument, keys: string): Promise<Changed> {
  const { today, next } = await readCollectorKeys(p, keys, document.collectors)
  if (document.collectors.some(({ key }) => equalBytes(key, next.key)))
    throw new Failure('nothing_changes', 'these keys are in Trust already', {
      hint: 'see who knows them: backstay collector-key',
    })
  return {
    document: { ...document, collectors: [today, next] },
    lines: [
      `Compare with the terminal of the collector: ${await collectorKeysFingerprint(p, next)}.`,
      'From now on devices accept the new keys of the collector beside those of today. It goes on with those of today.',
    ],
  }
}

/** Throws `nothing_changes` when none were announced. */
export function withoutOld(document: TrustDocument): Changed {
  const next = document.collectors.at(-1)
  if (next === undefined || document.collectors.length < 2)
    throw new Failure('nothing_changes', 'no other keys were announced, or they are those of today already', {
      hint: 'begin with: backstay-collector next-keys',
    })
  return {
    document: { ...document, collectors: [next] },
    lines: [
      'From now on devices accept the new keys of the collector alone.',
      'It starts again with them within seconds, and those of today are gone from its disk. Its log begins anew.',
    ],
  }
}
