/** So many in a time, a minute unless it says otherwise, for each key, at once or spread out. */
import type { Clock } from '@backstay/proto/clock'

export interface RateLimit {
  /** Takes one; false when none is left. */
  take(key: string): boolean
  /** What was taken was no misuse after all. */
  giveBack(key: string): void
  /** Until one is there again; 0 = now. */
  waitMs(key: string): number
}

/** About 20 MB; an attacker with more addresses than this costs us the memory of old ones. */
const keysMax = 100_000
const minuteMs = 60_000

/** `most` 0 = no limit. */
export function rateLimit(most: number, clock: Pick<Clock, 'monotonic'>, withinMs = minuteMs): RateLimit {
  const buckets = new Map<string, { left: number; atMs: number }>()

  const leftNow = (key: string) => {
    const bucket = buckets.get(key)
    if (bucket === undefined) return most
    return Math.min(most, bucket.left + ((clock.monotonic() - bucket.atMs) * most) / withinMs)
  }
  const put = (key: string, left: number) => {
    buckets.delete(key)
    if (left >= most) return
    buckets.set(key, { left, atMs: clock.monotonic() })
    const oldest = buckets.size > keysMax ? buckets.keys().next().value : undefined
    if (oldest !== undefined) buckets.delete(oldest)
  }
  return {
    take(key) {
      if (most === 0) return true
      const left = leftNow(key)
      if (left < 1) return false
      put(key, left - 1)
      return true
    },
    giveBack: key => put(key, leftNow(key) + 1),
    waitMs: key => (most === 0 ? 0 : Math.ceil(Math.max(0, 1 - leftNow(key)) * (withinMs / most))),
  }
}

/** What counts as one place on the network: an IPv4 address, or the 64 bits that one customer gets in IPv6. */
export function placeOf(remote: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!remote.includes(':')) return remote
  const [front = '', back] = remote.split('%')[0]?.split('::') ?? []
  const groups = front === '' ? [] : front.split(':')
  const tail = back === undefined || back === '' ? [] : back.split(':')
  while (back !== undefined && groups.length + tail.length < 8) groups.push('0')
  return [...groups, ...tail].slice(0, 4).join(':')
}
