/** A cursor is where the next page begins, in a form that nobody takes apart. */
import { fromBase64url, fromUtf8, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(utf8(JSON.stringify(place))).toString('base64url')
}

/** Throws `bad_cursor`. `kinds`: what must stand in it. */
export function decodeCursor(cursor: string, kinds: readonly ('string' | 'number')[]): (string | number)[] {
  try {
    const place: unknown = JSON.parse(fromUtf8(fromBase64url(cursor) ?? new Uint8Array()))
    if (!Array.isArray(place) || place.length !== kinds.length) throw new Error('wrong length')
    if (place.some((one, index) => typeof one !== kinds[index])) throw new Error('wrong kind')
    return place
  } catch (cause) {
    throw new Failure('bad_cursor', 'the cursor is none that this collector gave out', {
      hint: 'ask for the first page again',
      cause,
    })
  }
}

/** Many at once in memory: the page behind the cursor, which counts from the beginning. */
export function pageOfArray<T>(
  all: readonly T[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly items: readonly T[]; readonly nextCursor?: string } {
  const [first = 0] = cursor === undefined ? [] : decodeCursor(cursor, ['number'])
  const begin = Math.max(0, Math.floor(Number(first)))
  const items = all.slice(begin, begin + limit)
  const next = begin + items.length
  return next < all.length && items.length > 0 ? { items, nextCursor: encodeCursor([next]) } : { items }
}
