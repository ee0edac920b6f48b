/**
 * Where somebody was before the organisation's sign-in took the page away. What stands behind `#` names files: it is for this
 * browser alone, so it waits here and goes through nobody's hands.
 */
export type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Where the collector sends a browser whose sign-in is not over, or came to nothing. */
export const signInPath = '/sign-in'

const place = 'way back'
/** A sign-in is over by then (collector: oidcMs). */
const keptMs = 10 * 60_000
/** Longer than any place of ours; an address that is longer was not ours. */
const addressMax = 8192

/** `address`: path, query and what is behind `#`. */
export function keepWayBack(kept: Kept, address: string, nowMs: number): void {
  kept.setItem(place, JSON.stringify({ address, atMs: nowMs }))
}

/** Once; undefined when there is none, it is old, or it is no place of this page. */
export function takeWayBack(kept: Kept, nowMs: number): string | undefined {
  const found = kept.getItem(place)
  kept.removeItem(place)
  try {
    const { address, atMs } = JSON.parse(found ?? '{}') as {
      readonly address?: unknown
      readonly atMs?: unknown
    }
    if (typeof address !== 'string' || typeof atMs !== 'number') return undefined
    const age = nowMs - atMs
    return age >= 0 && age <= keptMs && isOurs(address) ? address : undefined
  } catch {
    return undefined
  }
}

/** The address to stand at, when the sign-in led back to `here` and that is where `back` was; else as it is. */
export function withWhatWasBehind(here: string, back: string | undefined): string {
  return back !== undefined && back.split('#')[0] === here ? back : here
}

/** One path of ours: not another host (`//`, `/\`), nothing that a browser would read otherwise. */
function isOurs(address: string): boolean {
  return address.length <= addressMax && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(address)
}
