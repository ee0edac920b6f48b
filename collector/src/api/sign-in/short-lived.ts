/** Things that live for minutes and are looked up by a secret: challenges, half sign-ins, bearer tokens of admin keys. */
import { createHash } from 'node:crypto'
import { type Bytes, fromBase64url } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import type { Primitives } from '@backstay/proto/primitives'

export interface ShortLived<T> {
  /** Returns the secret, base64url of 32 random bytes. */
  add(value: T): string
  get(secret: string | undefined): T | undefined
  /** Once only. */
  take(secret: string | undefined): T | undefined
  remove(matching: (value: T) => boolean): void
  /** Those that live, the oldest first. */
  values(): readonly T[]
}

/** Beyond this the oldest goes: somebody who makes thousands waits for nothing of them. */
const heldMax = 10_000
const secretBytes = 32

export function shortLived<T>(
  p: Pick<Primitives, 'random'>,
  clock: Pick<Clock, 'monotonic'>,
  lifeMs: number,
): ShortLived<T> {
  const held = new Map<string, { readonly value: T; readonly endsMs: number }>()
  const find = (secret: string | undefined) => {
    if (secret === undefined) return undefined
    const key = hashOf(secret).toString('hex')
    const found = held.get(key)
    if (found !== undefined && clock.monotonic() < found.endsMs) return { key, value: found.value }
    held.delete(key)
    return undefined
  }
  return {
    add(value) {
      const secret = newSecret(p)
      held.set(hashOf(secret).toString('hex'), { value, endsMs: clock.monotonic() + lifeMs })
      const [oldest] = held.keys()
      if (held.size > heldMax && oldest !== undefined) held.delete(oldest)
      return secret
    },
    get: secret => find(secret)?.value,
    take(secret) {
      const found = find(secret)
      if (found !== undefined) held.delete(found.key)
      return found?.value
    },
    remove(matching) {
      for (const [key, { value }] of held) if (matching(value)) held.delete(key)
    },
    values() {
      const nowMs = clock.monotonic()
      return [...held.values()].filter(one => nowMs < one.endsMs).map(({ value }) => value)
    },
  }
}

/** 256 bits as base64url. */
export function newSecret(p: Pick<Primitives, 'random'>): string {
  return Buffer.from(p.random(secretBytes)).toString('base64url')
}

/** SHA-256 of the text: what the catalog and memory hold instead of it. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whether it could be one of ours at all. */
export function isSecret(text: string): boolean {
  const bytes: Bytes | undefined = text.length > 100 ? undefined : fromBase64url(text)
  return bytes?.length === secretBytes
}
